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
  return safeStorage.getSelectedStorageBackend?.() ?? 'unknown'
}

/** Whether what is encrypted now could be read only by this user. */
export async function protects(safeStorage: SafeStorageLike): Promise<boolean> {
  return !unprotected.has(backendOf(safeStorage)) && (await safeStorage.isAsyncEncryptionAvailable())
}
