import { DataLayerError } from '../../../errors/index.ts'

/** What this driver calls of `CapacitorSQLite` in `@capacitor-community/sqlite`. Nothing else of the plugin is used. */
export interface CapacitorSQLitePlugin {
  createConnection(options: {
    readonly database: string
    readonly encrypted: boolean
    readonly mode: string
    readonly version: number
    readonly readonly: boolean
  }): Promise<unknown>
  open(options: { readonly database: string; readonly readonly: boolean }): Promise<unknown>
  closeConnection(options: { readonly database: string; readonly readonly: boolean }): Promise<unknown>
  query(options: PluginStatement & PluginDatabase): Promise<{ readonly values?: readonly PluginRow[] }>
  run(options: PluginStatement & PluginDatabase & { readonly transaction: boolean }): Promise<{
    readonly changes?: { readonly changes?: number; readonly lastId?: number }
  }>
  executeSet(
    options: PluginDatabase & {
      readonly set: readonly { readonly statement: string; readonly values: PluginValue[] }[]
      readonly transaction: boolean
      readonly returnMode: string
    },
  ): Promise<{ readonly changes?: { readonly values?: readonly PluginRow[] } }>
  getUrl(options: { readonly database: string; readonly readonly: boolean }): Promise<{ readonly url?: string }>
  getDatabaseList(): Promise<{ readonly values?: readonly string[] }>
  isDatabase(options: { readonly database: string }): Promise<{ readonly result?: boolean }>
  isDatabaseEncrypted(options: { readonly database: string }): Promise<{ readonly result?: boolean }>
  isSecretStored(): Promise<{ readonly result?: boolean }>
  checkEncryptionSecret(options: { readonly passphrase: string }): Promise<{ readonly result?: boolean }>
  setEncryptionSecret(options: { readonly passphrase: string }): Promise<unknown>
  clearEncryptionSecret(): Promise<unknown>
  deleteDatabase(options: { readonly database: string; readonly readonly: boolean }): Promise<unknown>
}

interface PluginDatabase {
  readonly database: string
  readonly readonly: boolean
}

interface PluginStatement {
  readonly statement: string
  readonly values: PluginValue[]
}

/** What both platforms bind alike: text, a number with a fraction, and nothing. */
export type PluginValue = string | number | null

/** A row as the bridge gives it: a blob is a list of numbers. */
export type PluginRow = Readonly<Record<string, unknown>>

export type NativePlatform = 'android' | 'ios'

/** What an app may give itself instead of having the packages imported. */
export interface PluginSource {
  /** `CapacitorSQLite` of `@capacitor-community/sqlite`; imported when it is not given. */
  readonly plugin?: CapacitorSQLitePlugin
  /** What `Capacitor.getPlatform()` answers; asked when it is not given. */
  readonly platform?: NativePlatform
}

export interface LoadedPlugin {
  readonly plugin: CapacitorSQLitePlugin
  readonly platform: NativePlatform
}

/**
 * @throws {DataLayerError} `storage-unavailable` when the plugin is not installed, `unsupported` on another platform
 */
export async function loadPlugin(source: PluginSource): Promise<LoadedPlugin> {
  const platform = source.platform ?? (await load(() => import('@capacitor/core'))).Capacitor.getPlatform()
  if (platform !== 'android' && platform !== 'ios')
    throw new DataLayerError('unsupported', 'The Capacitor driver is for Android and iOS; this is neither.')
  if (source.plugin) return { plugin: source.plugin, platform }
  const { CapacitorSQLite } = await load(() => import('@capacitor-community/sqlite'))
  return { plugin: CapacitorSQLite as unknown as CapacitorSQLitePlugin, platform }
}

async function load<T>(importPackage: () => Promise<T>): Promise<T> {
  try {
    return await importPackage()
  } catch (error) {
    throw new DataLayerError(
      'storage-unavailable',
      '@capacitor-community/sqlite could not be loaded: is it installed?',
      {
        cause: error,
      },
    )
  }
}
