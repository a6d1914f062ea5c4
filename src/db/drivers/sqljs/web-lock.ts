import { DataLayerError } from '../../../errors/index.ts'
import type { LockHolder } from '../../driver.ts'

/**
 * Takes the exclusive Web Lock `name` and keeps it until the function it answers is called, or the tab is gone.
 *
 * @throws {DataLayerError} `storage-in-use` with `details.holder` and `details.since`; `unsupported` without Web Locks
 */
export async function holdWebLock(name: string): Promise<() => Promise<void>> {
  const locks = globalThis.navigator?.locks as LockManager | undefined
  if (!locks) throw new DataLayerError('unsupported', 'Web Locks are missing: they need https or localhost.')
  const release = await hold(locks, name)
  if (!release) {
    const { holder = null, since = null } = (await holderOf(locks, name)) ?? {}
    throw new DataLayerError('storage-in-use', undefined, { details: { holder, since } })
  }
  // A lock's name is all that other tabs see of it, and it is gone with its holder: a note that cannot become stale.
  const note: LockHolder = { holder: `tab ${crypto.randomUUID().slice(0, 8)}`, since: new Date().toISOString() }
  const releaseNote = await hold(locks, `${notePrefix(name)}${JSON.stringify(note)}`)
  return async () => {
    await releaseNote?.()
    await release()
  }
}

/** How long a tab that is just closing may take to let go, in milliseconds. */
const grace = 1000

/** Takes a lock that is free, or becomes so in a moment; the answer gives it back. */
function hold(locks: LockManager, name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(grace)
    const keep = () =>
      new Promise<void>((free) => {
        resolve(async () => {
          free()
          await ended
        })
      })
    const ended = locks.request(name, { mode: 'exclusive', signal }, keep)
    ended.catch((error: unknown) => {
      if (signal.aborted) resolve(undefined)
      else reject(error)
    })
  })
}

async function holderOf(locks: LockManager, name: string): Promise<LockHolder | undefined> {
  const { held = [] } = await locks.query()
  const note = held.find((lock) => lock.name?.startsWith(notePrefix(name)))?.name
  return note === undefined ? undefined : (JSON.parse(note.slice(notePrefix(name).length)) as LockHolder)
}

function notePrefix(name: string): string {
  return `${name} is held by `
}
