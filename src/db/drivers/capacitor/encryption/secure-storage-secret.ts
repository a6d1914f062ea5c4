import type { SecretProvider } from './secret-provider.ts'

/** What is used of `SecureStorage` in `@aparajita/capacitor-secure-storage`. */
export interface SecureStorage {
  get(key: string, convertDate?: boolean, sync?: boolean): Promise<unknown>
  set(key: string, data: string, convertDate?: boolean, sync?: boolean, access?: number): Promise<void>
}

export interface SecureStorageSecretOptions {
  /** `SecureStorage` of `@aparajita/capacitor-secure-storage` 8.0 or newer. */
  readonly storage: SecureStorage
  /** The entry's name; `selfsame-database-key` unless said. */
  readonly entry?: string
}

// KeychainAccess.afterFirstUnlock: an app that is started in the background has its database, and an encrypted backup of the
// phone carries the key together with the database. Never in iCloud's keychain: the key is this installation's.
const afterFirstUnlock = 2
const inICloud = false

/**
 * Keeps the key in the keychain of iOS, or sealed by the keystore of Android.
 *
 * @example
 * import { SecureStorage } from '@aparajita/capacitor-secure-storage'
 * import { capacitorDriver, secureStorageSecret } from 'selfsame/capacitor'
 *
 * const driver = capacitorDriver({ name: 'app', secretProvider: secureStorageSecret({ storage: SecureStorage }) })
 */
export function secureStorageSecret({
  storage,
  entry = 'selfsame-database-key',
}: SecureStorageSecretOptions): SecretProvider {
  return {
    read: async () => {
      const kept = await storage.get(entry, false, inICloud)
      return kept === null ? null : String(kept)
    },
    write: (secret) => storage.set(entry, secret, false, inICloud, afterFirstUnlock),
  }
}
