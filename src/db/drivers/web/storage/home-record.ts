import { DataLayerError } from '../../../../errors/index.ts'
import { retryAccess } from './retry-access.ts'
import { storageError } from './storage-error.ts'
import type { StorageKind } from './storage.ts'

const version = 1

/** In `meta`: that the database was removed, which leaves no home record. */
export const removedKey = 'removed'

/** The stores of a database's own IndexedDB database. */
export type HomeStore = 'meta' | 'pages' | 'copies'

/** Where a database lives, so that a browser that refuses that storage for once is not given an empty one instead. */
export interface HomeRecord {
  readonly kind: StorageKind
  readonly since: string
}

/** The IndexedDB database that stands beside a database: its home record, the notes on what moved in, and, in tier two, its pages. */
export class HomeDatabase {
  readonly #database: IDBDatabase

  private constructor(database: IDBDatabase) {
    this.#database = database
  }

  /** @throws {DataLayerError} `storage-unavailable` where IndexedDB is refused */
  static async open(name: string): Promise<HomeDatabase> {
    return new HomeDatabase(await retryAccess(() => openDatabase(name)))
  }

  async get<T>(store: HomeStore, key: IDBValidKey): Promise<T | undefined> {
    return this.transact(
      [store],
      'readonly',
      (transaction) => transaction.objectStore(store).get(key) as IDBRequest<T | undefined>,
    )
  }

  async put(store: HomeStore, key: IDBValidKey, value: unknown): Promise<void> {
    await this.transact([store], 'readwrite', (transaction) => transaction.objectStore(store).put(value, key))
  }

  async remove(store: HomeStore, key: IDBValidKey): Promise<void> {
    await this.transact([store], 'readwrite', (transaction) => transaction.objectStore(store).delete(key))
  }

  /** One transaction, strictly durable when it writes: it resolves when the transaction is complete, not its requests. */
  transact<T>(
    stores: HomeStore[],
    mode: IDBTransactionMode,
    act: (transaction: IDBTransaction) => IDBRequest<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.#begin(stores, mode)
      transaction.onabort = () => reject(storageError(transaction.error))
      try {
        const request = act(transaction)
        transaction.oncomplete = () => resolve(request.result)
      } catch (error) {
        transaction.abort()
        reject(storageError(error))
      }
    })
  }

  /** @throws {DataLayerError} `storage-unavailable` where the browser has closed the database: its user cleared the site's data */
  #begin(stores: HomeStore[], mode: IDBTransactionMode): IDBTransaction {
    try {
      return this.#database.transaction(stores, mode, { durability: 'strict' })
    } catch (error) {
      throw storageError(error)
    }
  }

  close(): void {
    this.#database.close()
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Where it is missing or refused, this throws at once.
    const request = globalThis.indexedDB.open(`selfsame-web:${name}`, version)
    request.onupgradeneeded = () => {
      for (const store of ['meta', 'pages', 'copies'] satisfies HomeStore[]) request.result.createObjectStore(store)
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new DataLayerError('storage-in-use'))
  })
}
