import type { ErrorCode, SqliteCode } from '../../../../errors/index.ts'
import { DataLayerError } from '../../../../errors/index.ts'
import type { RestoredCopy, ResultSet, RunOptions, StoredCopy } from '../../../driver.ts'
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
  import(image: Uint8Array): RestoredCopy
  writeCopy(location: string | undefined): StoredCopy
  listCopies(): (StoredCopy & { readonly writtenAt: string })[]
  removeCopy(location: string): void
  restoreCopy(location: string): RestoredCopy
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

/** An error as it crosses: structured clones lose an error's class and its code. */
export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly sqlite?: SqliteCode | undefined
}

export type Answer<T = unknown> = { readonly value: T } | { readonly error: PlainError }

/** Calls `work`, and answers what it gives or throws. */
export async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error: toPlainError(error) }
  }
}

/** @throws {DataLayerError} the error that was answered */
export function valueOf<T>(answered: Answer<T>): T {
  if ('value' in answered) return answered.value
  const { code, message, details, sqlite } = answered.error
  throw new DataLayerError(code, message, { details, sqlite })
}

function toPlainError(error: unknown): PlainError {
  const coded =
    error instanceof DataLayerError
      ? error
      : new DataLayerError(
          'sqlite',
          `The database's worker failed: ${error instanceof Error ? error.name : typeof error}.`,
        )
  return { code: coded.code, message: coded.message, details: coded.details, sqlite: coded.sqlite }
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
