import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { DataLayerError } from '../../../../../errors/index.ts'
import { realPath } from '../../../../real-path.ts'
import { askPassword, choosePassword, type PasswordPrompt } from './ask-password.ts'
import { encryptedFilesOf } from './encrypted-files.ts'
import { readKeyFile, writeKeyFile, type SystemWrapped, type WrappedKey } from './key-file.ts'
import { unwrapWithPassword, wrapWithPassword } from './password-wrap.ts'
import { backendOf, isAvailable, isOpenToAll, protect, type SafeStorageLike } from './safe-storage.ts'

export interface DatabaseKeyOptions {
  /** The database's path: its wrapped key is beside it, as `<filename>.selfsame-key`; of a link, beside the file it leads to. */
  readonly filename: string
  /** Electron's `safeStorage`. */
  readonly safeStorage: SafeStorageLike
  /** Asks the user for a password, where the system keeps no secrets, or the key was wrapped with one: twice for a new key. */
  readonly password?: PasswordPrompt
}

export interface DatabaseKey {
  /** 64 hexadecimal digits. */
  readonly key: string
  readonly protection: 'system' | 'password'
  /** Where the system keeps its secrets: `keychain`, `dpapi`, or Linux's own name, `basic_text` for nowhere. */
  readonly backend: string
  /** Why the key was not wrapped anew, though the system asked for it: it opens as before, and the next start tries again. */
  readonly rewrapFailed?: DataLayerError
}

/**
 * The key of a database: made once, wrapped by the system's secret store, and read again at every start. A key that cannot be
 * read is never replaced by a new one, and its file is kept. Call it when the app is ready.
 *
 * @throws {DataLayerError} `unsupported` where the system protects no secrets and no password is asked for,
 *   `storage-unavailable` while the store is locked or fails, `wrong-key` for a key that cannot be read or is missing beside
 *   an encrypted database or backup, `invalid-value` for no password, a blank one, or two that differ for a new key
 * @example
 * import { safeStorage } from 'electron'
 * const { key } = await databaseKey({ filename: 'app.sqlite', safeStorage })
 */
export async function databaseKey(options: DatabaseKeyOptions): Promise<DatabaseKey> {
  // Earlier releases put the key beside the link, where a link is named; drivers and new keys go by the file itself.
  const paths = [...new Set([resolve(options.filename), realPath(options.filename)])]
  for (const path of paths) {
    const stored = await readKeyFile(keyFileOf(path))
    if (stored) return unwrap(stored, keyFileOf(path), options)
  }
  await mustHaveNoKeyElsewhere(paths)
  const file = keyFileOf(realPath(options.filename))
  const key = randomBytes(32).toString('hex')
  let wrapped: WrappedKey | undefined = await wrapWithSystem(key, options.safeStorage)
  let chosen: string | undefined
  if (!wrapped) {
    chosen = await choosePassword(promptOf(options))
    wrapped = await wrapWithPassword(key, chosen)
  }
  // Where another process was quicker, its key is the one, and its password.
  if (!(await writeKeyFile(file, wrapped, true)) || chosen === undefined) return databaseKey(options)
  // Read back, so that a store that gives back something else is found before anything is encrypted.
  const again = chosen
  return databaseKey({ ...options, password: () => Promise.resolve(again) })
}

const keyFileOf = (path: string) => `${path}.selfsame-key`

/** A new key would open nothing of what another one has encrypted, and would take the place of that one's file. */
async function mustHaveNoKeyElsewhere(paths: readonly string[]): Promise<void> {
  const files = (await Promise.all(paths.map(encryptedFilesOf))).flat()
  if (files.length === 0) return
  throw new DataLayerError(
    'wrong-key',
    paths.some((path) => files.includes(path))
      ? 'The database is encrypted, and the file of its key is missing. Put a backup of that file beside it; no new key was made.'
      : 'Backups of the database are encrypted, and the file of their key is missing. Put a backup of that file beside them, or ' +
          'move them to another folder to begin with a new key; none was made.',
    { details: { files } },
  )
}

function promptOf({ password, safeStorage }: DatabaseKeyOptions): PasswordPrompt {
  if (password) return password
  throw new DataLayerError(
    'unsupported',
    'This system keeps no secrets for the app, so the database’s key would lie open. Ask the user for a password, or set up a secret store.',
    { details: { backend: backendOf(safeStorage) } },
  )
}

/** Read back before it is written: nothing else opens what the key will encrypt, or has encrypted. */
async function wrapWithSystem(key: string, safeStorage: SafeStorageLike): Promise<SystemWrapped | undefined> {
  const wrapped = await protect(key, safeStorage)
  if (wrapped === undefined) return undefined
  const made: SystemWrapped = { protection: 'system', backend: backendOf(safeStorage), wrapped }
  const readBack = await decrypt(made, safeStorage).catch(() => undefined)
  if (readBack?.result === key) return made
  throw new DataLayerError('storage-unavailable', 'The system’s secret store does not give back what it wrapped.')
}

async function unwrap(stored: WrappedKey, file: string, options: DatabaseKeyOptions): Promise<DatabaseKey> {
  const backend = backendOf(options.safeStorage)
  if (stored.protection === 'password') {
    if (!options.password)
      throw new DataLayerError('wrong-key', 'A password opens the database’s key, and none was asked for.')
    const key = await unwrapWithPassword(stored, await askPassword(options.password, 'open'))
    return { key: checked(key, stored, backend), protection: 'password', backend }
  }
  const { result, shouldReEncrypt } = await decrypt(stored, options.safeStorage)
  const key = checked(result, stored, backend)
  const opened: DatabaseKey = { key, protection: 'system', backend }
  if (!shouldReEncrypt) return opened
  try {
    // The system has a newer key of its own. Where it protects nothing any more, the older wrapping is the better one.
    const anew = await wrapWithSystem(key, options.safeStorage)
    if (anew) await writeKeyFile(file, anew, false)
    return opened
  } catch (error) {
    return { ...opened, rewrapFailed: error as DataLayerError }
  }
}

async function decrypt(stored: SystemWrapped, safeStorage: SafeStorageLike) {
  const ciphertext = Buffer.from(stored.wrapped, 'base64')
  if (isOpenToAll(ciphertext)) throw openToAll(stored, safeStorage)
  if (!(await isAvailable(safeStorage))) throw locked(stored, safeStorage)
  try {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(ciphertext)
    return { result, shouldReEncrypt }
  } catch {
    // What it says may quote what it was given.
    if (!(await isAvailable(safeStorage))) throw locked(stored, safeStorage)
    throw unreadable(stored, backendOf(safeStorage))
  }
}

function openToAll(stored: SystemWrapped, safeStorage: SafeStorageLike): DataLayerError {
  return new DataLayerError(
    'unsupported',
    'The database’s key is wrapped with a constant that everybody knows, not by a secret store. Its file was kept as it is: ' +
      'put one that a store or a password protects in its place, or restore a backup.',
    { details: { backend: backendOf(safeStorage), recorded: stored.backend } },
  )
}

function locked(stored: SystemWrapped, safeStorage: SafeStorageLike): DataLayerError {
  return new DataLayerError(
    'storage-unavailable',
    'The system’s secret store is locked or not there. Nothing was changed: unlock it and start again.',
    { details: { backend: backendOf(safeStorage), recorded: stored.backend } },
  )
}

function unreadable(stored: WrappedKey, backend: string): DataLayerError {
  return new DataLayerError(
    'wrong-key',
    'The system’s secret store does not open the database’s key: it is another user’s, another store or was reset. The ' +
      'database and its key were kept as they are. Sign in as the user who wrote them, bring the store back, or restore a backup.',
    { details: { backend, recorded: stored.protection === 'system' ? stored.backend : stored.protection } },
  )
}

function checked(key: string, stored: WrappedKey, backend: string): string {
  if (/^[0-9a-f]{64}$/.test(key)) return key
  throw unreadable(stored, backend)
}
