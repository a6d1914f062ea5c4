import { createHash, randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { StoredCopy } from '../../driver.ts'
import { codedError, fileErrorCode } from './node-error.ts'
import { realPath } from '../../real-path.ts'

// 20261120T151359123Z: sorts by time, and has no character that a file system refuses.
const stampPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]+\.sqlite$/

const unfinishedPattern = /^\d{8}T\d{9}Z-[0-9a-f]+\.sqlite\.unfinished(-[0-9a-f]+)?(-journal|-wal|-shm)?$/

/** A new name for a copy of the database at `path`: beside it unless a directory is given. */
export function newCopyPath(
  path: string,
  directory: string | undefined,
  kind: 'backup' | 'damaged' = 'backup',
): string {
  const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '')
  const { folder, start } = placeOf(path, directory, kind)
  return join(folder, `${start}${stamp}-${randomBytes(3).toString('hex')}.sqlite`)
}

/** The copies of the database at `path` that are in a directory, newest first. */
export async function findCopies(
  path: string,
  directory: string | undefined,
): Promise<(StoredCopy & { readonly writtenAt: string })[]> {
  const { folder, start } = placeOf(path, directory, 'backup')
  const found: (StoredCopy & { readonly writtenAt: string })[] = []
  for (const name of await namesIn(folder)) {
    const stamp = name.startsWith(start) ? stampPattern.exec(name.slice(start.length)) : null
    if (!stamp) continue
    const [, year, month, day, hour, minute, second, millisecond] = stamp
    const location = join(folder, name)
    const file = await statOf(location)
    if (!file) continue
    found.push({
      location,
      bytes: file.size,
      writtenAt: `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`,
    })
  }
  return found.toSorted((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1))
}

/** How long an unfinished copy is taken for one that is being written, in milliseconds. */
const longestWriting = 24 * 60 * 60 * 1000

/** What killed processes left of copies they were writing: nobody else would ever take those files, and keys are in them. */
export async function findAbandoned(path: string, directory: string | undefined): Promise<string[]> {
  const { folder, start } = placeOf(path, directory, 'backup')
  const found: string[] = []
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(start) || !unfinishedPattern.test(name.slice(start.length))) continue
    const location = join(folder, name)
    const file = await statOf(location)
    if (file && Date.now() - file.mtimeMs > longestWriting) found.push(location)
  }
  return found
}

/**
 * Where copies are, and how their names begin. Databases in several folders may have one name and one folder for their
 * copies, and none may take another's for its own: there, where a database is belongs to the name.
 */
function placeOf(path: string, directory: string | undefined, kind: string): { folder: string; start: string } {
  const beside = dirname(path)
  const folder = realPath(directory ?? beside)
  const start = `${basename(path)}.selfsame-${kind}-`
  if (folder === beside) return { folder, start }
  return { folder, start: `${start}${createHash('sha256').update(path).digest('hex').slice(0, 12)}-` }
}

/** `undefined` for a file that somebody else has removed since its name was read. */
async function statOf(location: string): Promise<Stats | undefined> {
  try {
    return await stat(location)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw codedError(error)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return []
    throw codedError(error)
  }
}
