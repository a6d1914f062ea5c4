import type { DriverCopies, RestoredCopy, StoredCopy } from '../db/driver.ts'
import { DataLayerError } from '../errors/index.ts'
import type { Launcher } from './launcher.ts'

/** A copy of the database, and when it was written (ISO-8601 UTC). */
export interface BackupCopy extends StoredCopy {
  readonly writtenAt: string
}

/** Whole copies of the database. */
export class BackupService {
  readonly #launcher: Launcher
  readonly #directory: string | undefined
  readonly #close: () => Promise<void>

  /**
   * @param directory where copies go; beside the database unless said
   * @param close closes the data layer
   */
  constructor(launcher: Launcher, directory: string | undefined, close: () => Promise<void>) {
    this.#launcher = launcher
    this.#directory = directory
    this.#close = close
  }

  /**
   * Writes a copy beside the database, checks it, and answers once it is safe on the storage.
   *
   * @throws {DataLayerError} `unsupported` where the database lives in memory alone, `no-space`, `backup-failed`
   */
  async create(): Promise<StoredCopy> {
    return (await this.#copies()).write({ directory: this.#directory })
  }

  /** The copies written for this database, by launches too, newest first. */
  async list(): Promise<BackupCopy[]> {
    return (await this.#copies()).list({ directory: this.#directory })
  }

  /**
   * Puts a copy in the place of the database's content, and then closes the data layer: the copy may hold an older schema.
   * Create a new one, or reload the app, and the launch migrates it.
   *
   * @returns the copy put back, and in `undo` where the content it replaced is kept
   * @throws {DataLayerError} `unsupported`, and `storage-unavailable`, `not-a-database` or `corrupt` for a copy that is not sound
   */
  async restore(location: string): Promise<RestoredCopy> {
    const restored = await (await this.#copies()).restore(location)
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
    const { import: replaceBy } = await this.#copies()
    if (!replaceBy) throw new DataLayerError('unsupported', 'This storage takes no bytes; restore a copy.')
    const restored = await replaceBy(image)
    await this.#close()
    return restored
  }

  /** The database file's bytes, as of the last commit. */
  async export(): Promise<Uint8Array> {
    return (await this.#launcher.connection()).export()
  }

  async #copies(): Promise<DriverCopies> {
    const { copies } = await this.#launcher.connection()
    if (copies) return copies
    throw new DataLayerError('unsupported', 'This storage keeps no copies. export() gives the bytes to keep elsewhere.')
  }
}
