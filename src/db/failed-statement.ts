import { DataLayerError } from '../errors/index.ts'

/** The same error, its statement counted from `first` on: what ran before it was not the caller's. */
export function countedFrom(error: unknown, first: number): unknown {
  if (!(error instanceof DataLayerError) || typeof error.details?.statement !== 'number') return error
  return failedStatement(error, Math.max(0, error.details.statement - first))
}

/** The same error, saying which statement of a batch it came from (from 0). */
export function failedStatement(error: DataLayerError, statement: number): DataLayerError {
  return new DataLayerError(error.code, error.message, {
    details: { ...error.details, statement },
    sqlite: error.sqlite,
    cause: error.cause,
  })
}
