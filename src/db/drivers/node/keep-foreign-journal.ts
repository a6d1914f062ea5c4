import { closeSync, openSync, statSync } from 'node:fs'
import type { DataLayerError } from '../../../errors/index.ts'
import { firstBytes } from './plain-file.ts'

/** Files that were looked at, by device and inode. */
const looked = new Map<string, { readonly file: number; readonly ours: Set<string> }>()

export interface ForeignJournal {
  /** Who asks: the same file may be one's own and foreign to another. */
  readonly reader: string
  /** What the file is to the reader, if not its own. */
  readonly foreign: (header: Uint8Array, file: number, journal: string) => DataLayerError | undefined
}

/**
 * SQLite rolls a journal back before it looks whether the file is a database that it can read: into one that is encrypted, or
 * with another key, it would write what it takes for pages. A file that begins with zeros was never written whole.
 *
 * @throws {DataLayerError} what `foreign` answers; the file and its journal are as they were
 */
export function keepForeignJournal(path: string, { reader, foreign }: ForeignJournal): void {
  const found = statSync(path, { throwIfNoEntry: false })
  const journal = `${path}-journal`
  if (!found?.isFile() || found.size === 0 || !mayBeRolledBack(journal)) return
  const inode = `${found.dev}:${found.ino}`
  const { file, ours } = looked.get(inode) ?? { file: openSync(path, 'r'), ours: new Set<string>() }
  // Closing any descriptor of a file lets go of all POSIX locks that this process has on it, SQLite's too
  // (sqlite.org/howtocorrupt.html, 2.2): where there may be some, it stays open, once for each file.
  if (process.platform !== 'win32') looked.set(inode, { file, ours })
  try {
    if (ours.has(reader)) return
    const header = firstBytes(file)
    const error = header.every((byte) => byte === 0) ? undefined : foreign(header, file, journal)
    if (error) throw error
    ours.add(reader)
  } finally {
    if (process.platform === 'win32') closeSync(file)
  }
}

/** SQLite leaves a journal alone that is empty or begins with a zero (src/pager.c, hasHotJournal). Nobody locks a journal. */
function mayBeRolledBack(journal: string): boolean {
  let file: number
  try {
    file = openSync(journal, 'r')
  } catch (error) {
    // Whoever writes deletes it at any moment: that is the commit.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    return firstBytes(file)[0] !== 0
  } finally {
    closeSync(file)
  }
}
