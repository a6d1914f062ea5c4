import { DataLayerError } from '../../../errors/index.ts'
import { storeError } from './store-error.ts'

const storeName = 'images'

export interface StoredImage {
  readonly image: Uint8Array
  readonly writtenAt: string
}

/** Images by name in one IndexedDB database, opened when first used. */
export interface Images {
  get(key: string): Promise<StoredImage | undefined>
  put(key: string, image: Uint8Array): Promise<void>
  remove(key: string): Promise<void>
  keys(): Promise<string[]>
  close(): Promise<void>
}

export function openImages(databaseName: string): Images {
  let opened: Promise<IDBDatabase> | undefined
  const run = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    // The browser closes it when the user clears the site's data; then it is opened anew.
    opened ??= openDatabase(databaseName, () => (opened = undefined))
    const database = await opened.catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return transact(database, mode, act)
  }
  return {
    get: (key) => run<StoredImage | undefined>('readonly', (store) => store.get(key)),
    put: async (key, image) => {
      const record: StoredImage = { image, writtenAt: new Date().toISOString() }
      await run('readwrite', (store) => store.put(record, key))
    },
    remove: async (key) => {
      await run('readwrite', (store) => store.delete(key))
    },
    keys: async () => (await run('readonly', (store) => store.getAllKeys())).map(String),
    close: async () => {
      const database = await opened?.catch(() => undefined)
      opened = undefined
      database?.close()
    },
  }
}

function openDatabase(name: string, onClose: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName))
    request.addEventListener('success', () => {
      request.result.addEventListener('close', onClose)
      resolve(request.result)
    })
    request.addEventListener('error', () => reject(storeError(request.error)))
    request.addEventListener('blocked', () => reject(new DataLayerError('storage-in-use')))
  })
}

function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // One put replaces the value or leaves it: jeep-sqlite removes it first, and a tab closed in between loses all (its #48).
    const transaction = database.transaction(storeName, mode, { durability: 'strict' })
    const request = act(transaction.objectStore(storeName))
    // The request's success is not yet on the disk; the transaction's completion is.
    transaction.addEventListener('complete', () => resolve(request.result))
    transaction.addEventListener('abort', () => reject(storeError(transaction.error ?? request.error)))
  })
}
