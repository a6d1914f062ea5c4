import { DataLayerError } from '../../../../errors/index.ts'
import type { DriverConnection } from '../../../driver.ts'

/**
 * Puts the file into WAL mode after the first commit that came through the door, and not when it is opened: a launch that is
 * refused must leave the file as it was. Every commit is synced, before (the rollback journal) and after (the WAL): the
 * driver's `synchronous` is FULL or more, and no window can change it.
 */
export class WriteAhead {
  readonly #warn: (error: unknown) => void
  #done = new WeakSet<DriverConnection>()

  constructor(warn: (error: unknown) => void) {
    this.#warn = warn
  }

  async after(connection: DriverConnection): Promise<void> {
    if (this.#done.has(connection)) return
    this.#done.add(connection)
    try {
      await connection.run([{ text: 'PRAGMA journal_mode = WAL', params: [] }])
    } catch (error) {
      // The commit stands. Somebody reads the file now: the next commit asks again.
      this.#done.delete(connection)
      if (!(error instanceof DataLayerError) || error.code !== 'locked') this.#warn(error)
    }
  }

  /** A restore may have put a file of another mode in the place. */
  forget(): void {
    this.#done = new WeakSet()
  }
}
