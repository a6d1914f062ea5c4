import type { RestoredCopy, RestoreOptions, ResultSet, RunOptions, StoredCopy } from '../../../driver.ts'
import type { CheckedStatement } from '../../../statement.ts'
import type { StorageKind } from '../storage/storage.ts'

type Statements = readonly CheckedStatement[]

/** What a tab can ask of the one that owns the database. */
export interface Operations {
  run(statements: Statements, options: RunOptions): ResultSet[]
  reserve(session: string): void
  runInSession(session: string, statements: Statements, options: RunOptions): ResultSet[]
  release(session: string): void
  export(): Uint8Array
  import(image: Uint8Array, options: RestoreOptions): RestoredCopy
  writeCopy(location: string | undefined): StoredCopy
  listCopies(): (StoredCopy & { readonly writtenAt: string })[]
  removeCopy(location: string): void
  restoreCopy(location: string, options: RestoreOptions): RestoredCopy
}

export type OperationName = keyof Operations

/** One call, as it crosses from thread to thread and from tab to tab. */
export type Call = {
  [Name in OperationName]: { readonly name: Name; readonly values: Parameters<Operations[Name]> }
}[OperationName]

export type ResultOf<C extends Call> = ReturnType<Operations[C['name']]>

/** How the database is kept, as its owner knows it. */
export interface StorageReport {
  readonly kind: StorageKind
  readonly reason: string | null
  readonly movedFrom: string | null
}

/** Buffers worth handing over instead of copying: the blobs of a result, and whole images. */
export function transferables(value: unknown): ArrayBuffer[] {
  const found: ArrayBuffer[] = []
  const consider = (each: unknown) => {
    if (each instanceof Uint8Array && each.length >= 16_384 && each.byteLength === each.buffer.byteLength) {
      found.push(each.buffer as ArrayBuffer)
    }
  }
  if (!Array.isArray(value)) consider(value)
  else for (const { rows } of value as Partial<ResultSet>[]) rows?.forEach((row) => row.forEach(consider))
  return found
}
