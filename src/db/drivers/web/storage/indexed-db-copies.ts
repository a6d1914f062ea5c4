import type { HomeDatabase } from './home-record.ts'
import type { CopyStore } from './storage.ts'

interface SavedCopy {
  readonly image: Uint8Array
  readonly writtenAt: string
}

/** Copies as values of IndexedDB, each written in one transaction. */
export function indexedDbCopies(home: HomeDatabase, database: string): CopyStore {
  const names = () =>
    home.transact(['copies'], 'readonly', (transaction) => transaction.objectStore('copies').getAllKeys())
  return {
    write: (name, image) =>
      home.put('copies', name, { image, writtenAt: new Date().toISOString() } satisfies SavedCopy),
    read: async (name) => (await home.get<SavedCopy>('copies', name))?.image,
    list: async () => {
      const found = await Promise.all(
        (await names()).map(async (name) => {
          const copy = await home.get<SavedCopy>('copies', name)
          return {
            location: `indexeddb:${database}/${String(name)}`,
            bytes: copy?.image.length ?? 0,
            writtenAt: copy?.writtenAt ?? '',
          }
        }),
      )
      return found.toSorted((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1))
    },
    remove: (name) => home.remove('copies', name),
  }
}
