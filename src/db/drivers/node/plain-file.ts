import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataLayerError } from '../../../errors/index.ts'
import { headerLength, isPlainHeader } from '../../file-header.ts'

/** Whether a file begins as a database does that is not encrypted. */
export function isPlain(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    return isPlainHeader(firstBytes(file))
  } finally {
    closeSync(file)
  }
}

/** Files that were looked at and are ours, by their device and inode. */
const ours = new Set<string>()

/**
 * SQLite rolls a journal back before it looks whether the file is a database that it can read: into an encrypted one it would
 * write what it takes for pages, and then remove the journal. A file that begins with zeros was never written whole.
 *
 * @throws {DataLayerError} `not-a-database`
 */
export function keepForeignJournal(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size === 0 || !mayBeRolledBack(`${path}-journal`)) return
  const inode = `${found.dev}:${found.ino}`
  if (ours.has(inode)) return
  const file = openSync(path, 'r')
  const bytes = firstBytes(file)
  const isOurs = isPlainHeader(bytes) || bytes.every((byte) => byte === 0)
  // Closing any descriptor of a file lets go of all POSIX locks that this process has on it, SQLite's too
  // (sqlite.org/howtocorrupt.html, 2.2): where there may be some, it stays open, once for each file.
  if (isOurs && process.platform !== 'win32') ours.add(inode)
  else closeSync(file)
  if (!isOurs) throw new DataLayerError('not-a-database')
}

/** SQLite leaves a journal alone that is empty or begins with a zero (src/pager.c, hasHotJournal). Nobody locks a journal. */
function mayBeRolledBack(journal: string): boolean {
  if (!statSync(journal, { throwIfNoEntry: false })?.isFile()) return false
  const file = openSync(journal, 'r')
  try {
    return firstBytes(file)[0] !== 0
  } finally {
    closeSync(file)
  }
}

function firstBytes(file: number): Uint8Array {
  const bytes = new Uint8Array(headerLength)
  return bytes.subarray(0, readSync(file, bytes, 0, headerLength, 0))
}
