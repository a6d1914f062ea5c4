import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { DataLayerError } from '../../../../../errors/index.ts'
import { headerLength, isPlainHeader } from '../../../../file-header.ts'
import { readKeyFile, writeKeyFile, type SystemWrapped, type WrappedKey } from './key-file.ts'
import { unwrapWithPassword, wrapWithPassword } from './password-wrap.ts'
import { backendOf, protects, type SafeStorageLike } from './safe-storage.ts'

export interface DatabaseKeyOptions {
  /** The database's path: its wrapped key is beside it, as `<filename>.selfsame-key`. */
  readonly filename: string
  /** Electron's `safeStorage`. */
  readonly safeStorage: SafeStorageLike
  /** Asks the user for a password, where the system keeps no secrets, or the key was wrapped with one. */
  readonly password?: () => Promise<string>
}

export interface DatabaseKey {
  /** 64 hexadecimal digits. */
  readonly key: string
  readonly protection: 'system' | 'password'
  /** Where the system keeps its secrets: `keychain`, `dpapi`, or Linux's own name, `basic_text` for nowhere. */
  readonly backend: string
}

/**
 * The key of a database: made once, wrapped by the system's secret store, and read again at every start. A key that cannot be
 * read is never replaced by a new one, and its file is kept. Call it when the app is ready.
 *
 * @throws {DataLayerError} `unsupported` where the system protects no secrets and no password is asked for,
 *   `storage-unavailable` while the store is locked, `wrong-key` for a key that cannot be read
 * @example
 * import { safeStorage } from 'electron'
 * const { key } = await databaseKey({ filename: 'app.sqlite', safeStorage })
 */
export async function databaseKey(options: DatabaseKeyOptions): Promise<DatabaseKey> {
  const file = `${options.filename}.selfsame-key`
  const stored = await readKeyFile(file)
  if (stored) return unwrap(stored, file, options)
  if (await isEncrypted(options.filename)) {
    throw new DataLayerError(
      'wrong-key',
      'The database is encrypted, and the file of its key is missing. Put a backup of that file beside it; no new key was made.',
    )
  }
  const key = randomBytes(32).toString('hex')
  // Read back, so that a store that gives back something else is found before anything is encrypted; where another process
  // was quicker, its key is the one.
  await writeKeyFile(file, await wrap(key, options), true)
  return databaseKey(options)
}

async function wrap(key: string, { safeStorage, password }: DatabaseKeyOptions): Promise<WrappedKey> {
  if (await protects(safeStorage)) return wrapWithSystem(key, safeStorage)
  if (password) return wrapWithPassword(key, await password())
  throw new DataLayerError(
    'unsupported',
    'This system keeps no secrets for the app, so the database’s key would lie open. Ask the user for a password, or set up a secret store.',
    { details: { backend: backendOf(safeStorage) } },
  )
}

async function wrapWithSystem(key: string, safeStorage: SafeStorageLike): Promise<SystemWrapped> {
  const wrapped = await safeStorage.encryptStringAsync(key)
  return {
    protection: 'system',
    backend: backendOf(safeStorage),
    wrapped: Buffer.from(wrapped).toString('base64'),
  }
}

async function unwrap(stored: WrappedKey, file: string, options: DatabaseKeyOptions): Promise<DatabaseKey> {
  const backend = backendOf(options.safeStorage)
  if (stored.protection === 'password') {
    if (!options.password)
      throw new DataLayerError('wrong-key', 'A password opens the database’s key, and none was asked for.')
    const key = await unwrapWithPassword(stored, await options.password())
    return { key: checked(key, stored, backend), protection: 'password', backend }
  }
  const { result, shouldReEncrypt } = await decrypt(stored, options.safeStorage)
  const key = checked(result, stored, backend)
  // The system has a newer key of its own. Where it protects nothing any more, the older wrapping is the better one.
  if (shouldReEncrypt && (await protects(options.safeStorage)))
    await writeKeyFile(file, await wrapWithSystem(key, options.safeStorage), false)
  return { key, protection: 'system', backend }
}

async function decrypt(stored: SystemWrapped, safeStorage: SafeStorageLike) {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) throw locked(stored, safeStorage)
  try {
    return await safeStorage.decryptStringAsync(Buffer.from(stored.wrapped, 'base64'))
  } catch {
    // What it says may quote what it was given.
    if (!(await safeStorage.isAsyncEncryptionAvailable())) throw locked(stored, safeStorage)
    throw unreadable(stored, backendOf(safeStorage))
  }
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

async function isEncrypted(filename: string): Promise<boolean> {
  let file
  try {
    file = await open(filename, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw new DataLayerError('storage-unavailable', undefined, { cause: error })
  }
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(headerLength), 0, headerLength, 0)
    return bytesRead > 0 && !isPlainHeader(buffer)
  } finally {
    await file.close()
  }
}
