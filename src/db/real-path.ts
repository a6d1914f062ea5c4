import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * The path of a database's file itself, also of one that is yet to be made. SQLite follows links; a file under two names
 * would have two launch locks, which keep nobody out, and a restore would put a file in the place of the link.
 */
export function realPath(filename: string): string {
  const path = resolve(filename)
  try {
    return realpathSync(path)
  } catch (error) {
    // What cannot be read cannot be opened either, and opening says so.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return path
  }
  const target = linkTarget(path)
  if (target !== undefined) return realPath(resolve(dirname(path), target))
  const folder = dirname(path)
  return folder === path ? path : join(realPath(folder), basename(path))
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
