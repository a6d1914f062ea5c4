import type { CheckedStatement } from './statement.ts'
import type { SqlValue } from './values.ts'

/** What one statement answered. `columns` is filled for an empty result too; two columns may have one name. */
export interface ResultSet {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SqlValue[])[]
  /** Rows the statement itself inserted, updated or deleted: not those of its triggers and foreign key actions. */
  readonly changes: number
  /** The rowid of the last row an INSERT put in; absent for every other statement. */
  readonly lastInsertId?: number | bigint
  /** Tables the statement may have written, triggers and foreign key actions included; `sqlite_schema` after DDL. */
  readonly tables: readonly string[]
}

/** Whether a batch is wrapped in a transaction, so that all of it happens or nothing does, and how long it waits to begin. */
export interface RunOptions {
  readonly transaction?: boolean
  /**
   * How long a statement waits for another connection's lock, in milliseconds, where the engine has several connections, and
   * for another window's session, where they share one.
   */
  readonly lockTimeoutMs?: number
  /** Bytes of all rows that the batch may answer, each character counted as two. Engines that gather rows at once ignore it. */
  readonly mostAnswerBytes?: number
}

/** Runs statements in order, in one round trip. A statement that fails ends the batch and rejects with a coded error. */
export interface StatementRunner {
  run(statements: readonly CheckedStatement[], options?: RunOptions): Promise<ResultSet[]>
}

/**
 * The connection to oneself: nobody else's statement runs between two of the session's. The caller opens and ends its own
 * transactions in it. `release` rolls back what is still open; after it the session rejects with `closed`.
 */
export interface DriverSession extends StatementRunner {
  release(): Promise<void>
}

/** A copy of the database beside it: where it is, and how large. */
export interface StoredCopy {
  /** An absolute path, or the engine's own name for the place. */
  readonly location: string
  /** 0 for one that is listed and cannot be read: damaged, or encrypted with another key. */
  readonly bytes: number
}

/** How far a copy is, in bytes. */
export interface CopyProgress {
  readonly done: number
  readonly total: number | null
}

/** What a restore did: the copy that was put back, and where the content it replaced is kept. */
export interface RestoredCopy extends StoredCopy {
  readonly undo: string
}

/** Which copies a restore takes. */
export interface RestoreOptions {
  /** Queries, run on the copy, of which one has to give a true value. Any sound copy is taken without. */
  readonly belongs?: readonly string[] | undefined
  /** How long to wait for another connection's lock, in milliseconds, where the engine has several connections. */
  readonly lockTimeoutMs?: number | undefined
}

/** What a driver's store offers for whole copies. Absent where the database lives in memory alone. */
export interface DriverCopies {
  /** Writes a transactionally consistent copy, checks it and makes it durable before it answers. */
  write(options: {
    readonly directory?: string | undefined
    readonly location?: string | undefined
    /** Told while a large copy is being written, where the engine knows. */
    readonly onProgress?: ((progress: CopyProgress) => void) | undefined
  }): Promise<StoredCopy>
  /** The copies written earlier for this database, newest first. */
  list(options: { readonly directory?: string | undefined }): Promise<(StoredCopy & { readonly writtenAt: string })[]>
  remove(location: string): Promise<void>
  /**
   * Puts a copy's content in the place of the database's, after writing a copy of the present content: the undo. Killed at
   * any point, the database holds the old content or the new.
   *
   * @throws {DataLayerError} `storage-unavailable`, `not-a-database` or `corrupt` when the copy is not sound (its indexes
   * checked too), `foreign-schema` when it does not belong here
   */
  restore(location: string, options?: RestoreOptions): Promise<RestoredCopy>
  /** Like {@link restore}, from the bytes of a database file. Absent where the file system does it. */
  import?(image: Uint8Array, options?: RestoreOptions): Promise<RestoredCopy>
}

/** Where the database is kept, for the user who wants to know what a closed tab or a cleared browser would cost. */
export interface StorageStatus {
  /** `file`, `opfs`, `indexeddb`, `memory` or another engine's own word. */
  readonly kind: string
  /** Whether what was committed is there when the app is opened again. */
  readonly durable: boolean
  /** Why a better storage was not used; `null` when there is none. */
  readonly reason: string | null
  /** The older storage whose database was moved in by this open; `null` otherwise. */
  readonly movedFrom: string | null
}

/** One open database. Foreign keys are on, and were read back to be on, before a driver hands it out. */
export interface DriverConnection extends StatementRunner {
  /** The driver's name, as the ledger records it. */
  readonly engine: string
  /**
   * Waits until no other session holds the connection, then gives it exclusively. `lockTimeoutMs` is how long, where several
   * windows share the connection.
   */
  reserve(options?: Pick<RunOptions, 'lockTimeoutMs'>): Promise<DriverSession>
  /** The database file's bytes, as of now. */
  export(): Promise<Uint8Array>
  readonly copies?: DriverCopies
  /** Where the database is kept. Absent where there is only one place. */
  readonly storage?: StorageStatus
  /** Calls `listener` with the tables that commits of other connections may have written, where the engine hears of them. */
  onChange?(listener: (change: { readonly tables: readonly string[] }) => void): () => void
  close(): Promise<void>
}

/** Who holds a launch lock, for the person who waits. */
export interface LockHolder {
  readonly holder: string
  readonly since: string
}

/** What an engine cannot do, each with its reason in the driver's own documentation. Suites read these, never the name. */
export interface DriverCapabilities {
  /** Whether errors carry SQLite's extended code; otherwise it is worked out from the message. */
  readonly extendedErrorCodes: boolean
  /** Whether what was committed is still there when the database is opened again. */
  readonly durable: boolean
  /** Whether a second connection can be open on the same database at the same time. */
  readonly multipleConnections: boolean
}

/** The one port that every engine implements. Opening twice gives two connections, or `storage-in-use`. */
export interface Driver {
  readonly name: string
  readonly dialect: 'sqlite' | 'postgres'
  readonly capabilities: DriverCapabilities
  /** @throws {DataLayerError} `locked`, where another connection keeps even the looking out, after `lockTimeoutMs` */
  open(options?: Pick<RunOptions, 'lockTimeoutMs'>): Promise<DriverConnection>
  /**
   * The lock that spans a whole launch, across processes or tabs. SQLite's own cannot: a launch is a backup and several
   * transactions. It must be let go by the system when its holder dies.
   *
   * @throws {DataLayerError} `locked` after `timeoutMs`, with `details.holder`, `details.since` and `details.waitedMs`
   */
  acquireLaunchLock(options: {
    readonly timeoutMs: number
    readonly onWait?: (holder: LockHolder | null) => void
  }): Promise<() => Promise<void>>
  /** Copies without a connection, for a database that does not open. Absent where they need one. */
  readonly copies?: DriverCopies | undefined
}
