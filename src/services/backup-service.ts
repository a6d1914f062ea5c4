import type { DriverConnection, DriverCopies, RestoredCopy, StoredCopy } from '../db/driver.ts'
import { DataLayerError } from '../errors/index.ts'

/** Runs work on a connection to the database. */
export type UseConnection = <T>(work: (connection: DriverConnection) => Promise<T>) => Promise<T>

/** A copy of the database, and when it was written (ISO-8601 UTC). */
export interface BackupCopy extends StoredCopy {
  readonly writtenAt: string
}

/** Whole copies of the database. */
export class BackupService {
  readonly #use: UseConnection
  readonly #directory: string | undefined
  readonly #close: () => Promise<void>

  /**
   * @param use gives the connection to work on
   * @param directory where copies go; beside the database unless said
   * @param close closes the data layer
   */
  constructor(use: UseConnection, directory: string | undefined, close: () => Promise<void>) {
    this.#use = use
    this.#directory = directory
    this.#close = close
  }

  /**
   * Writes a copy beside the database, checks it, and answers once it is safe on the storage.
   *
   * @throws {DataLayerError} `unsupported` where the database lives in memory alone, `no-space`, `backup-failed`
   */
  async create(): Promise<StoredCopy> {
    return this.#withCopies((copies) => copies.write({ directory: this.#directory }))
  }

  /** The copies written for this database, by launches too, newest first. */
  async list(): Promise<BackupCopy[]> {
    return this.#withCopies((copies) => copies.list({ directory: this.#directory }))
  }

  /**
   * Puts a copy in the place of the database's content, and then closes the data layer: the copy may hold an older schema.
   * Create a new one, or reload the app, and the launch migrates it.
   *
   * @returns the copy put back, and in `undo` where the content it replaced is kept
   * @throws {DataLayerError} `unsupported`, and `storage-unavailable`, `not-a-database` or `corrupt` for a copy that is not sound
   */
  async restore(location: string): Promise<RestoredCopy> {
    const restored = await this.#withCopies((copies) => copies.restore(location))
    await this.#close()
    return restored
  }

  /**
   * Like {@link restore}, from the bytes of a database file, for example one that {@link export} gave on another device.
   * They are checked before anything is replaced.
   *
   * @throws {DataLayerError} `unsupported` where the driver takes none, `not-a-database` or `corrupt`
   */
  async import(image: Uint8Array): Promise<RestoredCopy> {
    const restored = await this.#withCopies(({ import: replaceBy }) => {
      if (!replaceBy) throw new DataLayerError('unsupported', 'This storage takes no bytes; restore a copy.')
      return replaceBy(image)
    })
    await this.#close()
    return restored
  }

  /** The database file's bytes, as of the last commit. */
  async export(): Promise<Uint8Array> {
    return this.#use((connection) => connection.export())
  }

  async #withCopies<T>(work: (copies: DriverCopies) => Promise<T>): Promise<T> {
    return this.#use(async ({ copies }) => {
      if (copies) return work(copies)
      throw new DataLayerError(
        'unsupported',
        'This storage keeps no copies. export() gives the bytes to keep elsewhere.',
      )
    })
  }
}
