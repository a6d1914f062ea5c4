import type { DataLayerError } from '../../../errors/index.ts'
import type { CopyProgress } from '../../driver.ts'
import type { SqlValue } from '../../values.ts'

/** What is used of a prepared statement of `node:sqlite`, whose own types a package without Node's cannot name. */
export interface EngineStatement {
  all(...params: SqlValue[]): unknown[]
  /** The rows one by one; whoever stops before the last ends the statement. */
  iterate(...params: SqlValue[]): Iterable<unknown>
  get(...params: SqlValue[]): unknown
  columns(): readonly { readonly name: string }[]
  setReadBigInts(enabled: boolean): void
  setReturnArrays(enabled: boolean): void
}

/** What is used of a `DatabaseSync` of `node:sqlite`. Errors carry SQLite's extended number as `errcode`. */
export interface EngineDatabase {
  readonly isTransaction: boolean
  prepare(text: string): EngineStatement
  exec(text: string): void
  serialize(): Uint8Array
  close(): void
}

/** `integrity_check` holds every index against its table too, and takes longer. */
export type DamageCheck = 'quick_check' | 'integrity_check'

export interface ConnectOptions {
  readonly create: boolean
  readonly readOnly: boolean
  /** Nobody writes to the file while it is open, so that no `-shm` need be made beside one in WAL mode. */
  readonly immutable?: boolean
}

export interface CopyPagesOptions {
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  /** How long to wait for another connection's lock, in milliseconds; about 5 seconds unless said. */
  readonly lockTimeoutMs?: number | undefined
}

/** One build of SQLite below this driver: Node's own, or one that encrypts. */
export interface Engine {
  /** The driver's name. */
  readonly name: string
  /** @param path an absolute path, or `:memory:` */
  connect(path: string, options: ConnectOptions): EngineDatabase
  /**
   * Copies a database into the file at `target`, rowids as they are. The file is missing, empty, or, for an engine that
   * `copiesInto`, a database whose content is replaced in one transaction.
   */
  copyPages(source: EngineDatabase, target: string, options?: CopyPagesOptions): Promise<void>
  /** {@link findDamage} of a file that nobody writes to, away from this thread's event loop. */
  damageElsewhere?(path: string, check: DamageCheck): Promise<string[]>
  readonly copiesInto: boolean
  /** What it means that a file cannot be read as a database of this engine's. */
  unreadable(path: string, error: DataLayerError): DataLayerError
}
