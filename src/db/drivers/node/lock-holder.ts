import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { LockHolder } from '../../driver.ts'

/** Writes beside the lock who holds it, for those who wait. Only the lock's holder may call this. */
export async function writeHolder(lockFile: string): Promise<void> {
  const holder: LockHolder = { holder: `pid ${process.pid}`, since: new Date().toISOString() }
  // One name for all: what a killed process left is written over by the next holder.
  const unfinished = `${lockFile}.json.unfinished`
  await writeFile(unfinished, JSON.stringify(holder), { mode: 0o600 })
  await rename(unfinished, `${lockFile}.json`)
}

/** Who holds the lock; `null` when that is not known: the holder has just come, or just gone. */
export async function readHolder(lockFile: string): Promise<LockHolder | null> {
  try {
    const holder: unknown = JSON.parse(await readFile(`${lockFile}.json`, 'utf8'))
    return isHolder(holder) ? { holder: holder.holder, since: holder.since } : null
  } catch {
    // It only names somebody in a message; the lock itself does not depend on it.
    return null
  }
}

export async function removeHolder(lockFile: string): Promise<void> {
  await rm(`${lockFile}.json`, { force: true })
}

function isHolder(value: unknown): value is LockHolder {
  const holder = value as LockHolder | null
  return typeof holder === 'object' && typeof holder?.holder === 'string' && typeof holder.since === 'string'
}
