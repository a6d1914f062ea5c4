import type { DriverConnection, DriverCopies, RestoredCopy, RestoreOptions, StoredCopy } from '../db/driver.ts'
import { DataLayerError } from '../errors/index.ts'

/** Runs work on a connection to the database, or, where it has none, other work on its copies. */
export type UseConnection = <T>(
  work: (connection: DriverConnection) => Promise<T>,
  unopened?: (copies: DriverCopies) => Promise<T>,
) => Promise<T>

/** A copy of the database, and when it was written (ISO-8601 UTC). */
export interface BackupCopy extends StoredCopy {
  readonly writtenAt: string
}

/** What a copy may hold to be put back. */
export interface WantedContent {
  /** Takes a copy that does not hold the tables of this app's components too. */
  readonly anyContent?: boolean
}

/** What the copies are for. */
export interface BackupServiceOptions {
  /** Where copies go; beside the database unless said. */
  readonly directory: string | undefined
  /** Queries of which one gives a true value in a database of this app's components. */
  readonly belongs: readonly string[]
  /** How long a restore waits for another connection's lock, in milliseconds; as long as the driver does unless said. */
  readonly lockTimeoutMs: number | undefined
}

/** Whole copies of the database. */
export class BackupService {
  readonly #use: UseConnection
  readonly #options: BackupServiceOptions
  readonly #close: () => Promise<void>

  /**
   * @param use gives the connection to work on
   * @param close closes the data layer
   */
  constructor(use: UseConnection, options: BackupServiceOptions, close: () => Promise<void>) {
    this.#use = use
    this.#options = options
    this.#close = close
  }

  /**
   * Writes a copy beside the database, checks it, and answers once it is safe on the storage.
   *
   * @throws {DataLayerError} `unsupported` where the database lives in memory alone, `no-space`, `backup-failed`
   */
  async create(): Promise<StoredCopy> {
    return this.#withCopies((copies) => copies.write({ directory: this.#options.directory }))
  }

  /** The copies written for this database, by launches too, newest first. */
  async list(): Promise<BackupCopy[]> {
    return this.#withCopies((copies) => copies.list({ directory: this.#options.directory }))
  }

  /**
   * Puts a copy in the place of the database's content, and then closes the data layer: the copy may hold an older schema.
   * Create a new one, or reload the app, and the launch migrates it.
   *
   * One of {@link list} is taken as it is; any other file has to hold the tables of this app's components, unless
   * `anyContent` says that whatever it holds is wanted.
   *
   * @returns the copy put back, and in `undo` where the content it replaced is kept
   * @throws {DataLayerError} `unsupported`; `storage-unavailable`, `not-a-database` or `corrupt` for a copy that is not sound,
   * an index that lacks rows included; `foreign-schema` for one of something else
   */
  async restore(location: string, options: WantedContent = {}): Promise<RestoredCopy> {
    const restored = await this.#withCopies(async (copies) => {
      const own = await copies.list({ directory: this.#options.directory })
      const isOwn = own.some((copy) => copy.location === location)
      return copies.restore(location, isOwn ? this.#taken({ anyContent: true }) : this.#taken(options))
    })
    await this.#close()
    return restored
  }

  /**
   * Like {@link restore}, from the bytes of a database file, for example one that {@link export} gave on another device.
   * They are checked before anything is replaced.
   *
   * @throws {DataLayerError} `unsupported` where the driver takes none, `not-a-database`, `corrupt` or `foreign-schema`
   */
  async import(image: Uint8Array, options: WantedContent = {}): Promise<RestoredCopy> {
    const restored = await this.#withCopies(({ import: replaceBy }) => {
      if (!replaceBy) throw new DataLayerError('unsupported', 'This storage takes no bytes; restore a copy.')
      return replaceBy(image, this.#taken(options))
    })
    await this.#close()
    return restored
  }

  /** The database file's bytes, as of the last commit. */
  async export(): Promise<Uint8Array> {
    return this.#use((connection) => connection.export())
  }

  #taken({ anyContent = false }: WantedContent): RestoreOptions {
    const { belongs, lockTimeoutMs } = this.#options
    return { ...(anyContent ? {} : { belongs }), lockTimeoutMs }
  }

  async #withCopies<T>(work: (copies: DriverCopies) => Promise<T>): Promise<T> {
    return this.#use(async ({ copies }) => {
      if (copies) return work(copies)
      throw new DataLayerError(
        'unsupported',
        'This storage keeps no copies. export() gives the bytes to keep elsewhere.',
      )
    }, work)
  }
}
