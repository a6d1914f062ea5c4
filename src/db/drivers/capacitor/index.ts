export { capacitorDriver, type CapacitorDriverOptions } from './capacitor-driver.ts'
export type { SecretProvider } from './encryption/secret-provider.ts'
export {
  secureStorageSecret,
  type SecureStorage,
  type SecureStorageSecretOptions,
} from './encryption/secure-storage-secret.ts'
export type { ReadFile } from './export-image.ts'
export type { CapacitorSQLitePlugin, NativePlatform, PluginRow, PluginSource, PluginValue } from './plugin.ts'
