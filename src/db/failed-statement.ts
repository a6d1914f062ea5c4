import { DataLayerError } from '../errors/index.ts'

/** The same error, saying which statement of a batch it came from (from 0). */
export function failedStatement(error: DataLayerError, statement: number): DataLayerError {
  return new DataLayerError(error.code, error.message, {
    details: { ...error.details, statement },
    sqlite: error.sqlite,
    cause: error.cause,
  })
}
