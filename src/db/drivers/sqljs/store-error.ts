import { DataLayerError } from '../../../errors/index.ts'

/** The coded error for whatever a store threw. */
export function storeError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  // A DOMException is an Error in some hosts only.
  const full = (error as { name?: unknown } | null | undefined)?.name === 'QuotaExceededError'
  return new DataLayerError(full ? 'no-space' : 'storage-unavailable', undefined, { cause: error })
}
