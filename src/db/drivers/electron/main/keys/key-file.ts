import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataLayerError } from '../../../../../errors/index.ts'
import { isPasswordWrapped, type PasswordWrapped } from './password-wrap.ts'

/** A key that the system's secret store opens. `backend` is the store that was there when it was written. */
export interface SystemWrapped {
  readonly protection: 'system'
  readonly backend: string
  readonly wrapped: string
}

export type WrappedKey = SystemWrapped | PasswordWrapped

const version = 1

/**
 * @returns `undefined` when there is no file
 * @throws {DataLayerError} `wrong-key` for a file of another form
 */
export async function readKeyFile(file: string): Promise<WrappedKey | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataLayerError('storage-unavailable', 'The file of the database’s key cannot be read.', { cause: error })
  }
  const stored = parse(text)
  if (stored) return stored
  throw new DataLayerError(
    'wrong-key',
    'The file of the database’s key is damaged, and was kept as it is. Put a backup of it, or of it and the database, in the place.',
  )
}

/**
 * Writes the file whole or not at all.
 *
 * @param first whether there must be none yet
 * @returns whether it was written; `false` when another process was quicker
 */
export async function writeKeyFile(file: string, key: WrappedKey, first: boolean): Promise<boolean> {
  const unfinished = `${file}.unfinished-${randomBytes(3).toString('hex')}`
  try {
    await writeFile(unfinished, `${JSON.stringify({ version, ...key })}\n`, { mode: 0o600, flag: 'wx', flush: true })
    // A link is refused where the name is taken; a rename would take it.
    await (first ? link(unfinished, file) : rename(unfinished, file))
    await syncFolder(dirname(file))
    return true
  } catch (error) {
    if (first && (error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new DataLayerError('storage-unavailable', 'The file of the database’s key cannot be written.', {
      cause: error,
    })
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no directory.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

function parse(text: string): WrappedKey | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null
    const isText = (name: string) => typeof value?.[name] === 'string'
    if (value?.['version'] !== version || !isText('wrapped')) return undefined
    if (value['protection'] === 'system' && isText('backend')) return value as unknown as SystemWrapped
    return value['protection'] === 'password' && isPasswordWrapped(value)
      ? (value as unknown as PasswordWrapped)
      : undefined
  } catch {
    return undefined
  }
}
