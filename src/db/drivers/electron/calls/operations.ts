import type {
  DriverCopies,
  LockHolder,
  RestoredCopy,
  RestoreOptions,
  ResultSet,
  RunOptions,
  StorageStatus,
  StoredCopy,
} from '../../../driver.ts'
import type { CheckedStatement } from '../../../statement.ts'

export type Patience = Pick<RunOptions, 'lockTimeoutMs'>
type Statements = readonly CheckedStatement[]
export type CopyPlace = Parameters<DriverCopies['list']>[0] & { readonly location?: string | undefined }

/** What the holder of a database tells somebody who opens it. */
export interface OpenedConnection {
  readonly copies: boolean
  readonly storage: StorageStatus | null
}

/**
 * The port as calls: what crosses from a window to main, and from main to the database's thread. Connections, sessions and
 * locks go by ids that the caller chooses. Copies are reached without a connection too, for a database that does not open.
 */
export interface Operations {
  open(connection: string, options: Patience): OpenedConnection
  close(connection: string): void
  run(connection: string, statements: Statements, options: RunOptions): ResultSet[]
  reserve(connection: string, session: string, options: Patience): void
  runInSession(session: string, statements: Statements, options: RunOptions): ResultSet[]
  release(session: string): void
  export(connection: string): Uint8Array
  writeCopy(connection: string | null, where: CopyPlace): StoredCopy
  listCopies(connection: string | null, where: CopyPlace): (StoredCopy & { readonly writtenAt: string })[]
  removeCopy(connection: string | null, location: string): void
  restoreCopy(connection: string | null, location: string, options: RestoreOptions): RestoredCopy
  lock(lock: string, timeoutMs: number): void
  unlock(lock: string): void
}

export type OperationName = keyof Operations
export type CopyOperationName = 'writeCopy' | 'listCopies' | 'removeCopy' | 'restoreCopy'

type CallOf<Name extends OperationName> = {
  [Each in Name]: { readonly name: Each; readonly values: Parameters<Operations[Each]> }
}[Name]

export type Call = CallOf<OperationName>
export type CopyCall = CallOf<CopyOperationName>

/** What is told without being asked for. */
export type HostEvent =
  | { readonly kind: 'changed'; readonly connection: string; readonly tables: readonly string[] }
  | { readonly kind: 'waiting'; readonly lock: string; readonly holder: LockHolder | null }
