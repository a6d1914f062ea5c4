import { stat, unlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { DataLayerError } from '../../../errors/index.ts'
import type { Driver } from '../../driver.ts'
import { launchLockHeld } from '../../locked.ts'
import { MemoryLock } from '../../memory-lock.ts'
import { readHolder, removeHolder, writeHolder } from './lock-holder.ts'
import { codedError, fileErrorCode, isBusy } from './node-error.ts'

type AcquireLaunchLock = Driver['acquireLaunchLock']

/**
 * The launch lock of a database: a write transaction held open on an empty SQLite file beside it. Its lock is the operating
 * system's (fcntl), so it dies with its holder, and nothing stale is left that would have to be judged by age.
 *
 * @param path the database's absolute path, or `:memory:`
 */
export function createLaunchLock(path: string): AcquireLaunchLock {
  if (path === ':memory:') {
    const lock = new MemoryLock(`pid ${process.pid}`)
    return (options) => lock.acquire(options)
  }
  return (options) => acquire(`${path}.selfsame-lock`, options)
}

async function acquire(
  lockFile: string,
  { timeoutMs, onWait }: Parameters<AcquireLaunchLock>[0],
): Promise<() => Promise<void>> {
  const started = performance.now()
  let told = false
  for (;;) {
    const held = await tryToHold(lockFile)
    if (held) {
      try {
        await writeHolder(lockFile)
      } catch (error) {
        await letGo(lockFile, held)
        throw new DataLayerError('storage-unavailable', 'The launch lock could not be written.', { cause: error })
      }
      return () => letGo(lockFile, held)
    }
    if (!told) {
      told = true
      onWait?.(await readHolder(lockFile))
    }
    const waited = performance.now() - started
    if (waited >= timeoutMs) throw launchLockHeld(await readHolder(lockFile), waited)
    await sleep(Math.min(20 + Math.random() * 60, Math.max(1, timeoutMs - waited)))
  }
}

/** The open lock, or `undefined` when somebody else has it. */
async function tryToHold(lockFile: string): Promise<DatabaseSync | undefined> {
  for (;;) {
    // The holder before us removes the file as it lets go, and a lock on a file that has lost its name excludes nobody.
    // Only a file that had this name before we opened it, and has it still with the lock in hand, is the one to hold.
    const before = await identity(lockFile)
    const database = connect(lockFile)
    try {
      // In an empty file SQLite prepares a first page and opens a journal for it; nothing is ever written, so no file of it.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE')
      if (before !== undefined && (await identity(lockFile)) === before) return database
      database.close()
    } catch (error) {
      database.close()
      if (isBusy(error)) return undefined
      // SQLite reports a file that lost its name as an I/O error.
      if (before !== undefined && (await identity(lockFile)) === before) throw notMade(lockFile, error)
    }
  }
}

function connect(lockFile: string): DatabaseSync {
  try {
    return new DatabaseSync(pathToFileURL(lockFile), { timeout: 0 })
  } catch (error) {
    throw notMade(lockFile, error)
  }
}

/** Says which file it is about: the database itself may be there and fine. */
function notMade(lockFile: string, error: unknown): DataLayerError {
  const coded = codedError(error)
  const name = basename(lockFile)
  if (coded.code === 'not-a-database') {
    const message = `${name}, beside the database, is not the empty file that its launch lock is held on. Remove it.`
    return new DataLayerError('storage-unavailable', message, { sqlite: coded.sqlite, cause: coded.cause })
  }
  if (coded.code !== 'storage-unavailable') return coded
  const message = `The lock file ${name} cannot be made beside the database. Its folder must be there and writable.`
  return new DataLayerError('storage-unavailable', message, { sqlite: coded.sqlite, cause: coded.cause })
}

async function letGo(lockFile: string, database: DatabaseSync): Promise<void> {
  if (!database.isOpen) return
  try {
    await removeHolder(lockFile)
    await unlink(lockFile)
  } catch (error) {
    // Windows removes no open file. An empty one left behind is taken over by whoever comes next.
    if (!['EBUSY', 'EPERM', 'ENOENT'].includes(fileErrorCode(error) ?? '')) {
      throw new DataLayerError('storage-unavailable', 'The launch lock could not be removed.', { cause: error })
    }
  } finally {
    if (database.isOpen) database.close()
  }
}

// Inode numbers are given out again; with the time of birth they name one file.
async function identity(path: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeNs } = await stat(path, { bigint: true })
    return `${ino}:${birthtimeNs}`
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw new DataLayerError('storage-unavailable', undefined, { cause: error })
  }
}
