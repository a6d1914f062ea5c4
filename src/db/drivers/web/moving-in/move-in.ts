import { DataLayerError } from '../../../../errors/index.ts'
import { WasmDatabase } from '../engine/wasm-database.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { removedKey, type HomeDatabase } from '../storage/home-record.ts'
import { isSameContent } from '../storage/same-content.ts'
import { openSound, StorageCopies } from '../storage/storage-copies.ts'
import type { Storage } from '../storage/storage.ts'
import { holdLock, readNote } from '../tabs/web-locks.ts'
import type { OlderStorage } from './older-storage.ts'

/** That a database has moved in from an older storage. The older one keeps its content; it is never read again. */
interface Tombstone {
  readonly place: string
  readonly movedAt: string
  /** 0 where other content was found in the place of what had moved in. */
  readonly bytes: number
}

/** In `meta`, from before a copy is begun until it was held against its source. */
const unfinishedKey = 'moving-in'

/**
 * Copies the database of the first older storage that has one into a storage that is empty, and checks the copy page by
 * page. The older storage is left as it is.
 *
 * @returns its place; `null` when nothing moved in
 * @throws {DataLayerError} `storage-in-use` while an older version of the app has it open; `corrupt` or `not-a-database`
 * for one that is damaged: the app must not go on with an empty database
 */
export async function moveIn(
  module: SqliteModule,
  storage: Storage,
  home: HomeDatabase,
  places: readonly OlderStorage[],
): Promise<string | null> {
  // Emptied since, or removed: what the user has thrown away does not come back, nor what was older than that.
  const known = await home.transact(['meta'], 'readonly', (transaction) => transaction.objectStore('meta').getAllKeys())
  if (known.includes(removedKey) || places.some((older) => known.includes(tombstoneKey(older)))) return null
  const isEmpty = storage.database.read('SELECT count(*) FROM sqlite_schema')[0]?.[0] === 0
  // A copy may have been made and not yet held against its source. Whatever else is there was written since, and stays.
  const isUnfinished = known.includes(unfinishedKey)
  if (!isEmpty && !isUnfinished) return null
  for (const older of places) {
    const moved = await holding(older, async () => {
      const image = await older.read()
      if (!image) return undefined
      if (!isEmpty) return isCopyOf(module, storage, image) ? image.length : undefined
      await home.put('meta', unfinishedKey, older.place)
      await copy(module, storage, older, image)
      return image.length
    })
    if (moved === undefined) continue
    await bury(home, older.place, moved)
    return older.place
  }
  // What is there was written since. What had moved in before that is gone, and does not come back when this goes too.
  if (isUnfinished && !isEmpty) await bury(home, String(await home.get('meta', unfinishedKey)), 0)
  else if (isUnfinished) await home.remove('meta', unfinishedKey)
  return null
}

async function bury(home: HomeDatabase, place: string, bytes: number): Promise<void> {
  const tombstone: Tombstone = { place, movedAt: new Date().toISOString(), bytes }
  await home.transact(['meta'], 'readwrite', (transaction) => {
    const meta = transaction.objectStore('meta')
    meta.delete(unfinishedKey)
    return meta.put(tombstone, tombstoneKey({ place }))
  })
}

function isCopyOf(module: SqliteModule, storage: Storage, image: Uint8Array): boolean {
  let source: WasmDatabase | undefined
  try {
    source = openSound(module, image)
    return isSameContent(source.image(), storage.database.image())
  } catch (error) {
    if (error instanceof DataLayerError && ['corrupt', 'not-a-database'].includes(error.code)) return false
    throw error
  } finally {
    source?.close()
  }
}

async function copy(module: SqliteModule, storage: Storage, older: OlderStorage, image: Uint8Array): Promise<void> {
  let source: WasmDatabase
  try {
    source = openSound(module, image)
  } catch (error) {
    if (!(error instanceof DataLayerError)) throw error
    throw new DataLayerError(
      error.code,
      `The database that an earlier version left in ${older.place} cannot be read.`,
      {
        details: { place: older.place, ...error.details },
      },
    )
  }
  try {
    await new StorageCopies(module, storage).replace(source)
    if (!isSameContent(source.image(), storage.database.image())) {
      const empty = WasmDatabase.empty(module)
      await new StorageCopies(module, storage).replace(empty).finally(() => empty.close())
      throw new DataLayerError('corrupt', 'The database that moved in is not what it was.', {
        details: { place: older.place },
      })
    }
  } finally {
    source.close()
  }
}

/** Keeps an older version of the app from writing to its storage meanwhile. */
async function holding<T>({ lock: name, place }: OlderStorage, work: () => Promise<T>): Promise<T> {
  if (name === undefined) return work()
  const lock = await holdLock(name, { ifAvailable: true })
  if (!lock) {
    const { holder = null, since = null } = (await readNote(name)) ?? {}
    throw new DataLayerError('storage-in-use', 'An older version of this app has the database open in another tab.', {
      details: { holder, since, place },
    })
  }
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

function tombstoneKey({ place }: Pick<OlderStorage, 'place'>): string {
  return `moved-in ${place}`
}
