import type { Driver } from '../../driver.ts'
import { launchLockHeld } from '../../locked.ts'
import { protocol } from './tabs/names.ts'
import { holdLock, holdNote, readNote, type HeldLock } from './tabs/web-locks.ts'

/** The launch lock across tabs: a Web Lock of the page, which the browser lets go when the page is gone. */
export async function acquireWebLock(
  name: string,
  { timeoutMs, onWait }: Parameters<Driver['acquireLaunchLock']>[0],
): Promise<() => Promise<void>> {
  let lock = await holdLock(name, { ifAvailable: true })
  if (!lock) {
    onWait?.((await readNote(name)) ?? null)
    lock = await wait(name, timeoutMs)
  }
  const tab = crypto.randomUUID()
  const note = await holdNote(name, {
    holder: `tab ${tab.slice(0, 8)}`,
    since: new Date().toISOString(),
    tab,
    protocol,
  })
  const held = lock
  let release: Promise<void> | undefined
  return () => {
    release ??= note.release().then(() => held.release())
    return release
  }
}

async function wait(name: string, timeoutMs: number): Promise<HeldLock> {
  try {
    const lock = await holdLock(name, { signal: AbortSignal.timeout(timeoutMs) })
    if (lock) return lock
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error
  }
  throw launchLockHeld((await readNote(name)) ?? null, timeoutMs)
}
