import { DataLayerError } from '../../../errors/index.ts'
import { HomeDatabase, removedKey } from './storage/home-record.ts'
import { tabNames } from './tabs/names.ts'
import { holdLock, readNote } from './tabs/web-locks.ts'

const patience = 2000

/**
 * Deletes a database of this origin with all its copies. Older storages that it had moved in from, or could have, are left
 * alone, and do not move in later.
 *
 * @throws {DataLayerError} `storage-in-use` while a tab has it open, with `details.holder` and `details.since`
 */
export async function removeWebDatabase(name: string): Promise<void> {
  const { ownerLock } = tabNames(name)
  // One that was closed a moment ago may not have let go yet.
  const lock = await holdLock(ownerLock, { signal: AbortSignal.timeout(patience) }).catch(whenLate)
  if (!lock) {
    const { holder = null, since = null } = (await readNote(ownerLock)) ?? {}
    throw new DataLayerError('storage-in-use', undefined, { details: { holder, since } })
  }
  try {
    // The record first: without it, what is left of the files after a closed tab is nobody's.
    await removePages(name)
    await removeFiles(name)
  } finally {
    await lock.release()
  }
}

async function removePages(name: string): Promise<void> {
  const home = await HomeDatabase.open(name)
  try {
    await home.transact(['meta', 'pages', 'copies'], 'readwrite', (transaction) => {
      for (const key of ['home', 'file']) transaction.objectStore('meta').delete(key)
      transaction.objectStore('copies').clear()
      transaction.objectStore('meta').put(new Date().toISOString(), removedKey)
      return transaction.objectStore('pages').clear()
    })
  } finally {
    home.close()
  }
}

async function removeFiles(name: string): Promise<void> {
  if (typeof navigator.storage?.getDirectory !== 'function') return
  try {
    const root = await navigator.storage.getDirectory()
    const ours = await root.getDirectoryHandle('.selfsame')
    await ours.removeEntry(encodeURIComponent(name), { recursive: true })
  } catch (error) {
    if (error instanceof DOMException && ['NotFoundError', 'SecurityError'].includes(error.name)) return
    throw new DataLayerError('storage-unavailable', undefined, { cause: error })
  }
}

function whenLate(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'TimeoutError') return undefined
  throw error
}
