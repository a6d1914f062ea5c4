import type { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection, ResultSet, RunOptions } from '../../driver.ts'
import { SessionQueue } from '../../session-queue.ts'
import type { CheckedStatement } from '../../statement.ts'
import { ImageDatabase } from './image-database.ts'
import { imageCopies } from './sqljs-copies.ts'
import { storeError } from './store-error.ts'
import type { ImageStore } from './image-store.ts'
import type { SqljsModule } from './sqljs-types.ts'

/** Opens a connection on a database in memory, kept in `store` when there is one. */
export async function openConnection(
  module: SqljsModule,
  image: Uint8Array | undefined,
  store: ImageStore | undefined,
  onClose: () => Promise<void>,
): Promise<DriverConnection> {
  const stored = new StoredDatabase(module, store, (await store?.load()) ?? image)
  const queue = new SessionQueue({
    run: (statements, options) => stored.run(statements, options),
    inTransaction: () => stored.inTransaction(),
  })
  return {
    engine: 'sqljs',
    run: (statements, options) => queue.run(statements, options),
    reserve: () => queue.reserve(),
    export: () => queue.alone(async () => stored.database.export()),
    ...(store?.copies ? { copies: imageCopies(module, store.copies, stored, queue) } : {}),
    close: () =>
      queue.close(async () => {
        stored.close()
        await onClose()
      }),
  }
}

/** A database whose every commit is saved before the call that made it resolves. */
export class StoredDatabase {
  readonly #module: SqljsModule
  readonly #store: ImageStore | undefined
  #database: ImageDatabase
  #lost: DataLayerError | undefined

  constructor(module: SqljsModule, store: ImageStore | undefined, image: Uint8Array | null | undefined) {
    this.#module = module
    this.#store = store
    this.#database = new ImageDatabase(module, image)
  }

  get database(): ImageDatabase {
    if (this.#lost) throw this.#lost
    return this.#database
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    const { database } = this
    try {
      return await database.run(statements, options)
    } finally {
      // After a failure too: statements before the failed one may have committed.
      if (this.#store && database.unsaved) await this.save(database.export())
    }
  }

  /** Saves an image; when that fails, goes back to the one that is stored, so that nobody reads what was never kept. */
  async save(image: Uint8Array): Promise<void> {
    try {
      await this.#store?.save(image)
      this.#database.saved()
    } catch (error) {
      await this.#reload(() => this.#store?.load() ?? Promise.resolve(null))
      throw storeError(error)
    }
  }

  /** Takes another content, saved first. */
  async replace(image: Uint8Array): Promise<void> {
    await this.save(image)
    await this.#reload(async () => image)
  }

  inTransaction(): boolean {
    return this.#database.inTransaction()
  }

  close(): void {
    this.#database.close()
  }

  async #reload(load: () => Promise<Uint8Array | null>): Promise<void> {
    try {
      const next = new ImageDatabase(this.#module, await load())
      this.#database.close()
      this.#database = next
    } catch (error) {
      this.#lost = storeError(error)
    }
  }
}
