import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { StoredCopy } from '../../driver.ts'
import { codedError, fileErrorCode } from './node-error.ts'

// 20261120T151359123Z: sorts by time, and has no character that a file system refuses.
const stampPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]+\.sqlite$/

const unfinishedPattern = /\.sqlite\.unfinished(-[0-9a-f]+)?(-journal|-wal|-shm)?$/

/** A new name for a copy of the database at `path`: beside it unless a directory is given. */
export function newCopyPath(
  path: string,
  directory: string | undefined,
  kind: 'backup' | 'damaged' = 'backup',
): string {
  const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '')
  const name = `${prefix(path, kind)}${stamp}-${randomBytes(3).toString('hex')}.sqlite`
  return join(resolve(directory ?? dirname(path)), name)
}

/** The copies of the database at `path` that are in a directory, newest first. */
export async function findCopies(
  path: string,
  directory: string | undefined,
): Promise<(StoredCopy & { readonly writtenAt: string })[]> {
  const folder = resolve(directory ?? dirname(path))
  const start = prefix(path, 'backup')
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
  const folder = resolve(directory ?? dirname(path))
  const start = prefix(path, 'backup')
  const found: string[] = []
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(start) || !unfinishedPattern.test(name)) continue
    const location = join(folder, name)
    const file = await statOf(location)
    if (file && Date.now() - file.mtimeMs > longestWriting) found.push(location)
  }
  return found
}

function prefix(path: string, kind: string): string {
  return `${basename(path)}.selfsame-${kind}-`
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
