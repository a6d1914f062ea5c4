import { DataLayerError } from '../../../../errors/index.ts'

/** The coded error for what a browser's storage threw. */
export function storageError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  const full = error instanceof Error && error.name === 'QuotaExceededError'
  return new DataLayerError(full ? 'no-space' : 'storage-unavailable', undefined, { cause: error })
}
