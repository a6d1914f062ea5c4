import { DataLayerError } from '../../../errors/index.ts'
import { openImages } from './indexed-db-images.ts'
import { holdWebLock } from './web-lock.ts'
import type { ImageStore } from './image-store.ts'

const present = 'present'
const copyPrefix = 'backup-'

/**
 * Keeps the database in IndexedDB, as one value that each commit replaces in one transaction with strict durability. One
 * tab owns it, by a Web Lock that the browser lets go when the tab goes; another one gets `storage-in-use`.
 *
 * @param name what the database is called in this origin
 */
export function indexedDbStore(name: string): ImageStore {
  const images = openImages(`selfsame:${name}`)
  const nameIn = (location: string) => location.replace(`indexeddb:${name}/`, '')
  return {
    acquire: async () => {
      const release = await holdWebLock(`selfsame:${name}`)
      return {
        release: async () => {
          await images.close()
          await release()
        },
      }
    },
    load: async () => (await images.get(present))?.image ?? null,
    save: (image) => images.put(present, image),
    copies: {
      write: async (image, location) => {
        const writtenAt = new Date().toISOString()
        const key = location === undefined ? `${copyPrefix}${writtenAt}` : nameIn(location)
        if (!key.startsWith(copyPrefix) || (await images.get(key))) {
          throw new DataLayerError('backup-failed', `A copy needs a new name that begins with ${copyPrefix}`)
        }
        await images.put(key, image)
        return { location: `indexeddb:${name}/${key}`, bytes: image.length }
      },
      list: async () => {
        const keys = (await images.keys()).filter((key) => key.startsWith(copyPrefix))
        const copies = await Promise.all(
          keys.map(async (key) => {
            const record = await images.get(key)
            return {
              location: `indexeddb:${name}/${key}`,
              bytes: record?.image.length ?? 0,
              writtenAt: record?.writtenAt ?? '',
            }
          }),
        )
        return copies.toSorted((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1))
      },
      read: async (location) => (await images.get(nameIn(location)))?.image ?? null,
      remove: (location) => images.remove(nameIn(location)),
    },
  }
}
