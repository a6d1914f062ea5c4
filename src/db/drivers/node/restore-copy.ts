import { copyFile, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DataLayerError } from '../../../errors/index.ts'
import type { RestoredCopy, RestoreOptions } from '../../driver.ts'
import { mustBelong } from '../../must-belong.ts'
import { newCopyPath } from './copy-names.ts'
import type { Engine, EngineDatabase } from './engine.ts'
import { syncToDisk } from './file-durability.ts'
import { leaveWal } from './leave-wal.ts'
import { codedError } from './node-error.ts'
import { openFile, type OpenOptions } from './open-file.ts'
import { damageOfFile, findDamage } from './page-copy.ts'
import { writeCopy } from './write-copy.ts'

const sideFiles = ['-journal', '-wal', '-shm'] as const

/** What came of a restore; `replacedFile` when the path now names another file than the one open connections hold. */
export interface RestoreOutcome extends RestoredCopy {
  readonly replacedFile: boolean
}

/**
 * Puts the content of the copy at `location` in the place of the database at `path`. Into a database that can be opened it
 * goes as one SQLite transaction, so that other connections see it too; a damaged or foreign file is replaced by renaming.
 */
export async function restoreCopy(
  path: string,
  location: string,
  engine: Engine,
  { belongs, lockTimeoutMs }: RestoreOptions = {},
): Promise<RestoreOutcome> {
  const from = resolve(location)
  if (!(await exists(path))) throw new DataLayerError('storage-unavailable', 'There is no database to restore into.')
  const copy = await openCopy(from, engine)
  try {
    mustBelong((query) => Object.values(copy.prepare(query).get() ?? {})[0], belongs)
    const undo = await keepPresent(path, engine, lockTimeoutMs)
    const replacedFile = undo.damaged || !(await replaceContent(copy, path, engine, lockTimeoutMs))
    if (replacedFile) await replaceFile(copy, path, engine)
    return { location: from, bytes: (await stat(from)).size, undo: undo.location, replacedFile }
  } finally {
    copy.close()
  }
}

async function openCopy(from: string, engine: Engine): Promise<EngineDatabase> {
  // SQLite takes a file without a byte for an empty database; as a copy it is one that was cut off.
  const size = await stat(from).then(
    (entry) => entry.size,
    () => undefined,
  )
  if (size === 0) throw new DataLayerError('not-a-database', 'The copy is empty.')
  // What a restore kept of a file that it could not read may have a journal, which belongs to it: with the right key SQLite
  // takes it back, and writes for that.
  const hasJournal = await exists(`${from}-journal`)
  // Nobody writes to a finished copy. Without this SQLite would leave -wal and -shm files beside one that is in WAL mode.
  const immutable = !hasJournal && !(await exists(`${from}-wal`))
  let copy: EngineDatabase | undefined
  try {
    copy = engine.connect(from, { create: false, readOnly: !hasJournal, immutable })
    // Nothing would ever find rows that an index lacks, once the copy is the database.
    const findings = immutable
      ? await damageOfFile(copy, from, 'integrity_check', engine)
      : findDamage(copy, 'integrity_check')
    if (findings.length > 0)
      throw new DataLayerError('corrupt', 'The copy is damaged.', { details: { findings: findings.slice(0, 10) } })
    return copy
  } catch (error) {
    copy?.close()
    const coded = codedError(error)
    throw coded.code === 'not-a-database' ? engine.unreadable(from, coded) : coded
  }
}

/** A copy of what is there now, so that the restore can itself be taken back. */
async function keepPresent(
  path: string,
  engine: Engine,
  lockTimeoutMs: number | undefined,
): Promise<{ location: string; damaged: boolean }> {
  try {
    return {
      location: (await writeCopy(path, {}, { engine, readOnly: false, lockTimeoutMs })).location,
      damaged: false,
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error
  }
  // No engine can read it, or none with this key; its bytes may still be of use to somebody.
  const location = newCopyPath(path, undefined, 'damaged')
  try {
    for (const suffix of ['', ...sideFiles]) {
      if (suffix && !(await exists(path + suffix))) continue
      await copyFile(path + suffix, location + suffix)
      await syncToDisk(location + suffix)
    }
    await syncToDisk(dirname(location))
    return { location, damaged: true }
  } catch (error) {
    for (const suffix of ['', ...sideFiles]) await removeIfPossible(location + suffix)
    const coded = codedError(error)
    throw coded.code === 'no-space' ? coded : new DataLayerError('backup-failed', undefined, { cause: error })
  }
}

/** Whether the content could be replaced; `false` when the file at `path` is no database that SQLite will write to. */
async function replaceContent(
  copy: EngineDatabase,
  path: string,
  engine: Engine,
  lockTimeoutMs: number | undefined,
): Promise<boolean> {
  try {
    if (!engine.copiesInto) {
      await leaveWal(path, engine, lockTimeoutMs)
      return false
    }
    await leaveWalForOtherPageSize(copy, path, { engine, lockTimeoutMs })
    await engine.copyPages(copy, path, { lockTimeoutMs })
    // The copying connection is the engine's own, and leaves the deletion of its journal to reach the disk when it likes.
    await syncToDisk(dirname(path))
    return true
  } catch (error) {
    if (isUnreadable(error)) return false
    throw codedError(error)
  }
}

// In WAL mode the page size is fixed, and the copy of other pages would be refused (sqlite.org/c3ref/backup_finish.html).
async function leaveWalForOtherPageSize(
  copy: EngineDatabase,
  path: string,
  options: Pick<OpenOptions, 'engine' | 'lockTimeoutMs'>,
): Promise<void> {
  const live = await openFile(path, { create: false, readOnly: false, ...options })
  try {
    if (pragma(live, 'page_size') === pragma(copy, 'page_size') || pragma(live, 'journal_mode') !== 'wal') return
    live.exec('PRAGMA journal_mode = DELETE')
  } catch (error) {
    throw codedError(error)
  } finally {
    live.close()
  }
}

async function replaceFile(copy: EngineDatabase, path: string, engine: Engine): Promise<void> {
  const unfinished = `${newCopyPath(path, undefined)}.unfinished`
  try {
    await (await open(unfinished, 'wx', (await stat(path)).mode)).close()
    await engine.copyPages(copy, unfinished)
    await syncToDisk(unfinished)
    // They belong to the old content; SQLite would play them back into the new.
    for (const suffix of sideFiles) await rm(path + suffix, { force: true })
    await rename(unfinished, path)
    await syncToDisk(dirname(path))
  } catch (error) {
    for (const suffix of ['', '-journal']) await removeIfPossible(unfinished + suffix)
    throw codedError(error)
  }
}

function isUnreadable(error: unknown): boolean {
  return ['corrupt', 'not-a-database', 'wrong-key'].includes(codedError(error).code)
}

// On a disk that fails, so does this; what went wrong first is what the caller is told.
async function removeIfPossible(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined)
}

function pragma(database: EngineDatabase, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
