import { DataLayerError } from '../../../../errors/index.ts'
import type { LockHolder } from '../../../driver.ts'

/** A lock that is held until `release`, or until its tab is gone. */
export interface HeldLock {
  release(): Promise<void>
}

/** @throws {DataLayerError} `unsupported` without Web Locks */
export function webLocks(): LockManager {
  const locks = globalThis.navigator?.locks as LockManager | undefined
  if (!locks) throw new DataLayerError('unsupported', 'Web Locks are missing: they need https or localhost.')
  return locks
}

/** Waits for the lock. `undefined` when it is not free and `ifAvailable` was asked. Rejects with the signal's reason. */
export function holdLock(
  name: string,
  options: { readonly signal?: AbortSignal; readonly ifAvailable?: boolean } = {},
): Promise<HeldLock | undefined> {
  return new Promise((resolve, reject) => {
    const ended: Promise<void> = webLocks()
      .request(name, { mode: 'exclusive', ...options }, (lock) => {
        if (!lock) {
          resolve(undefined)
          return undefined
        }
        return new Promise<void>((free) => {
          resolve({
            release: async () => {
              free()
              await ended
            },
          })
        })
      })
      .then(() => undefined)
    ended.catch((error: unknown) => reject(refused(error) ?? error))
  })
}

/** Where the user has switched the site's storage off, locks go with it. */
function refused(error: unknown): DataLayerError | undefined {
  if (!(error instanceof DOMException && error.name === 'SecurityError')) return undefined
  return new DataLayerError('storage-unavailable', 'This browser refuses the site its storage.', { cause: error })
}

/** What the holder of a lock says of itself. */
export interface HolderNote extends LockHolder {
  readonly tab: string
  readonly protocol: number
}

/**
 * Writes who holds a lock, as the name of another lock: all that other tabs see of a lock is its name, and it is gone with
 * its holder, so that no note can be stale.
 */
export async function holdNote(lock: string, note: HolderNote): Promise<HeldLock> {
  const held = await holdLock(`${notePrefix(lock)}${JSON.stringify(note)}`)
  if (!held) throw new DataLayerError('storage-unavailable', 'The browser refused a lock.')
  return held
}

/** Who holds a lock; `undefined` when nobody does, or has not said so yet. */
export async function readNote(lock: string): Promise<HolderNote | undefined> {
  const { held = [] } = await webLocks().query()
  const prefix = notePrefix(lock)
  const note = held.find(({ name }) => name?.startsWith(prefix))?.name
  return note === undefined ? undefined : (JSON.parse(note.slice(prefix.length)) as HolderNote)
}

export async function isHeld(lock: string): Promise<boolean> {
  const { held = [] } = await webLocks().query()
  return held.some(({ name }) => name === lock)
}

function notePrefix(lock: string): string {
  return `${lock} is held by `
}
