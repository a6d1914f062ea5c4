import { storageError } from '../storage/storage-error.ts'

/** Reads from an IndexedDB database that is not ours, and makes none where there is none. Writes nothing. */
export async function readForeignStore<T>(
  database: string,
  store: string,
  read: (store: IDBObjectStore) => Promise<T>,
): Promise<T | undefined> {
  const opened = await openExisting(database)
  if (!opened) return undefined
  try {
    if (!opened.objectStoreNames.contains(store)) return undefined
    return await read(opened.transaction(store, 'readonly').objectStore(store))
  } finally {
    opened.close()
  }
}

export function requested<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(storageError(request.error))
  })
}

function openExisting(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    let isNew = false
    request.onupgradeneeded = () => {
      // There was none: undoing its making leaves none.
      isNew = true
      request.transaction?.abort()
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = (event) => {
      event.preventDefault()
      if (isNew) resolve(undefined)
      else reject(storageError(request.error))
    }
  })
}
