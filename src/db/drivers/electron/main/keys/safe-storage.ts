import { DataLayerError } from '../../../../../errors/index.ts'

/** What is needed of Electron's `safeStorage`: its asynchronous form (Electron 42 and newer; the other goes with 46). */
export interface SafeStorageLike {
  isAsyncEncryptionAvailable(): Promise<boolean>
  encryptStringAsync(plainText: string): Promise<Uint8Array>
  // Electron asks for a Buffer.
  // oxlint-disable-next-line typescript/no-explicit-any
  decryptStringAsync(encrypted: any): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>
  /** On Linux alone. */
  getSelectedStorageBackend?(): string
}

/** Names of Linux for «there is no secret store»: the password is a constant of Electron's, or not chosen yet. */
const unprotected: ReadonlySet<string> = new Set(['basic_text', 'unknown'])

/** Where the system keeps what `safeStorage` encrypts with. */
export function backendOf(safeStorage: SafeStorageLike): string {
  if (process.platform === 'darwin') return 'keychain'
  if (process.platform === 'win32') return 'dpapi'
  try {
    return safeStorage.getSelectedStorageBackend?.() ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

/** @throws {DataLayerError} `storage-unavailable` where the store cannot be asked */
export async function isAvailable(safeStorage: SafeStorageLike): Promise<boolean> {
  try {
    return await safeStorage.isAsyncEncryptionAvailable()
  } catch {
    throw storeFailed(safeStorage)
  }
}

/**
 * What the system's store makes of a text, in base64, or `undefined` where it would not be protected.
 *
 * @throws {DataLayerError} `storage-unavailable` where the store fails
 */
export async function protect(text: string, safeStorage: SafeStorageLike): Promise<string | undefined> {
  if (unprotected.has(backendOf(safeStorage)) || !(await isAvailable(safeStorage))) return undefined
  let wrapped: Buffer
  try {
    wrapped = Buffer.from(await safeStorage.encryptStringAsync(text))
  } catch {
    // What it says may quote the text.
    throw storeFailed(safeStorage)
  }
  return isOpenToAll(wrapped) ? undefined : wrapped.toString('base64')
}

/** Whether anybody can read a ciphertext, whatever store the desktop is said to have. */
export function isOpenToAll(ciphertext: Uint8Array): boolean {
  // On Linux v10 is the key derived from «peanuts» (Chromium: components/os_crypt/async/browser/posix_key_provider.cc); on
  // macOS it is the Keychain's, and on Windows DPAPI's.
  if (process.platform === 'darwin' || process.platform === 'win32') return false
  return Buffer.from(ciphertext.subarray(0, 3)).toString('latin1') === 'v10'
}

function storeFailed(safeStorage: SafeStorageLike): DataLayerError {
  return new DataLayerError(
    'storage-unavailable',
    'The system’s secret store failed. Nothing was changed: start again when it works.',
    { details: { backend: backendOf(safeStorage) } },
  )
}
