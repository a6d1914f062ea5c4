import { DataLayerError, sqliteError } from '../../../errors/index.ts'

interface NodeSqliteError extends Error {
  readonly errcode: number
}

/** Whether `node:sqlite` reported a result code of SQLite. */
export function isSqliteError(error: unknown): error is NodeSqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** Whether another connection holds the lock and asking again may help. A stale snapshot (517) stays stale. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === 5 && error.errcode !== 517
}

/** The coded error for whatever `node:sqlite` or the file system threw. */
export function codedError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  if (isSqliteError(error)) return sqliteError(error.errcode, error.message)
  const file = fileErrorCode(error)
  if (file === 'ENOSPC' || file === 'EDQUOT') return new DataLayerError('no-space', undefined, { cause: error })
  if (file !== undefined) return new DataLayerError('storage-unavailable', undefined, { cause: error })
  return new DataLayerError('sqlite', 'The engine failed without a SQLite code.', { cause: error })
}

/** The code of a file system's error, for example `ENOENT`. */
export function fileErrorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // ERR_… are Node's own.
  return typeof code === 'string' && /^E(?!RR_)[A-Z0-9]+$/.test(code) ? code : undefined
}
