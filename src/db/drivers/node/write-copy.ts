import { randomBytes } from 'node:crypto'
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DataLayerError } from '../../../errors/index.ts'
import type { CopyProgress, DriverCopies, StoredCopy } from '../../driver.ts'
import { findAbandoned, newCopyPath } from './copy-names.ts'
import { mustHaveRoom, syncToDisk } from './file-durability.ts'
import type { Engine, EngineDatabase } from './engine.ts'
import { codedError } from './node-error.ts'
import { openFile, type OpenOptions } from './open-file.ts'
import { damageOfFile, findDamage } from './page-copy.ts'

/**
 * Writes a copy of the database at `path`, with what was committed at one moment. It is written under another name and
 * gets its own only when it is checked and on the disk: a killed process leaves nothing that looks finished.
 *
 * @throws {DataLayerError} `no-space`, `corrupt`, `locked` or `backup-failed`; no file is left behind
 */
export async function writeCopy(
  path: string,
  { directory, location, onProgress }: Parameters<DriverCopies['write']>[0],
  from: Omit<OpenOptions, 'create'>,
): Promise<StoredCopy> {
  const target = location === undefined ? newCopyPath(path, directory) : resolve(location)
  const unfinished = `${target}.unfinished-${randomBytes(3).toString('hex')}`
  try {
    await mkdir(dirname(target), { recursive: true })
    if (await exists(target)) throw new DataLayerError('backup-failed', 'A file has the name of the copy already.')
    await copyTo(path, unfinished, from, onProgress)
    await rename(unfinished, target)
    await syncToDisk(dirname(target))
    if (location === undefined) await removeAbandoned(path, directory)
    return { location: target, bytes: (await stat(target)).size }
  } catch (error) {
    // What went wrong first is what the caller is told; that nothing could be removed either follows from it.
    for (const suffix of ['', '-journal', '-wal', '-shm'])
      await rm(unfinished + suffix, { force: true }).catch(() => undefined)
    throw backupError(error)
  }
}

async function removeAbandoned(path: string, directory: string | undefined): Promise<void> {
  const abandoned = await findAbandoned(path, directory).catch(() => [])
  // The copy is made; that an old file cannot be removed is no reason to call it failed.
  for (const file of abandoned) await rm(file, { force: true }).catch(() => undefined)
}

async function copyTo(
  path: string,
  unfinished: string,
  { engine, readOnly, lockTimeoutMs }: Omit<OpenOptions, 'create'>,
  onProgress: ((progress: CopyProgress) => void) | undefined,
): Promise<void> {
  // A connection of its own: the caller's may be in the middle of a transaction, which is not to be in the copy.
  const source = await openFile(path, { create: false, readOnly, engine, lockTimeoutMs })
  try {
    await mustHaveRoom(dirname(unfinished), sizeOf(source))
    // Made by us first: SQLite would give it the rights of any new file, and it holds keys.
    await (await open(unfinished, 'wx', 0o600)).close()
    await engine.copyPages(source, unfinished, { onProgress, lockTimeoutMs })
    if ((await finishCopy(unfinished, engine)).length > 0) {
      const inSource = findDamage(source)
      throw new DataLayerError(inSource.length > 0 ? 'corrupt' : 'backup-failed', undefined, {
        details: { findings: inSource.slice(0, 10) },
      })
    }
  } finally {
    source.close()
  }
  await syncToDisk(unfinished)
}

/** Makes the copy a file that needs no other beside it, and answers what is wrong with it. */
async function finishCopy(unfinished: string, engine: Engine): Promise<string[]> {
  const copy = engine.connect(unfinished, { create: false, readOnly: false })
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
    return await damageOfFile(copy, unfinished, 'quick_check', engine)
  } finally {
    copy.close()
  }
}

function sizeOf(database: EngineDatabase): number {
  const number = (pragma: string) => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0])
  return number('page_count') * number('page_size')
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function backupError(error: unknown): DataLayerError {
  const coded = codedError(error)
  if (keptCodes.has(coded.code)) return coded
  return new DataLayerError('backup-failed', undefined, { cause: error, sqlite: coded.sqlite })
}

const keptCodes: ReadonlySet<string> = new Set([
  'no-space',
  'corrupt',
  'not-a-database',
  'wrong-key',
  'unsupported',
  'locked',
  'backup-failed',
])
