import { DataLayerError } from '../../../errors/index.ts'
import type { Driver } from '../../driver.ts'
import { followAppLife } from './app-life.ts'
import { openConnection } from './capacitor-connection.ts'
import { DatabaseFolder } from './database-folder.ts'
import { mustNotBeHalfEncrypted } from './encryption/encrypt-existing.ts'
import type { SecretProvider } from './encryption/secret-provider.ts'
import { unlock } from './encryption/unlock.ts'
import { exportImage, readThroughWebView, type ReadFile } from './export-image.ts'
import { folderCopies } from './folder-copies.ts'
import { openDatabase } from './open-database.ts'
import { openInTurn, pageDatabase, pageKey, type PageDatabase } from './page-state.ts'
import { openError } from './plugin-error.ts'
import { loadPlugin, type LoadedPlugin, type PluginSource } from './plugin.ts'

export interface CapacitorDriverOptions extends PluginSource {
  /** The database's name: the plugin's file is called `<name>SQLite.db`. Letters, digits, `_` and `-`. */
  readonly name: string
  /** Reads a file by its absolute path, for `export()`. The WebView's own server does it when it is not given. */
  readonly readFile?: ReadFile
  /**
   * Where the key is kept: the database is encrypted then (SQLCipher 4), and one that is not is encrypted by the first open.
   * Open an encrypted database before the others of the app: the first look at the key closes every connection of the plugin.
   */
  readonly secretProvider?: SecretProvider
  /** Where the events `pause` and `resume` come; the page's document when it is not given. */
  readonly document?: EventTarget
}

/**
 * The driver for iOS and Android, on `@capacitor-community/sqlite` 8.1.
 *
 * One connection at a time: opening a second one with the same driver is `storage-in-use`, and another driver for the same
 * name, as a hot update makes one, takes the database over from the first, after what that one has under way. `extendedErrorCodes` is false: iOS gives primary
 * codes, and the extended ones are worked out from SQLite's words. The launch lock is the page's own, because an app is one
 * process with one page on a phone.
 *
 * With a `secretProvider`, copies and what `export()` gives are encrypted too, with the same key.
 *
 * @throws {DataLayerError} `unsupported` for a name with other characters
 * @example
 * const dataLayer = createDataLayer({ driver: capacitorDriver({ name: 'app' }) })
 */
export function capacitorDriver(options: CapacitorDriverOptions): Driver {
  const { name, secretProvider } = options
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    throw new DataLayerError('unsupported', 'A database of the plugin has a name of letters, digits, _ and -.')
  const identity = {}

  const openAlone = async ({ plugin, platform }: LoadedPlugin, page: PageDatabase) => {
    if (page.owner?.driver === identity)
      throw new DataLayerError('storage-in-use', undefined, { details: { holder: 'this page' } })
    const life = followAppLife(platform, options.document ?? globalThis.document)
    try {
      // What its close meets is left as a connection, which opening closes.
      await page.owner?.handOver().catch(() => undefined)
      const encrypted = secretProvider !== undefined
      if (secretProvider) await openInTurn(pageKey(plugin), () => unlock(plugin, platform, name, secretProvider))
      const folder = new DatabaseFolder(plugin, name, secretProvider)
      const readFile = options.readFile ?? readThroughWebView
      const connection = await openConnection({
        open: async () => {
          const opened = await openDatabase(plugin, platform, name, encrypted)
          try {
            if (!encrypted && opened.empty) await mustNotBeHalfEncrypted(plugin, name)
            return opened
          } catch (error) {
            await opened.close()
            throw openError(error)
          }
        },
        copies: (alone) => folderCopies(folder, alone),
        exportImage: (opened) => exportImage(opened.bridge, folder, readFile),
        life,
        onClose: () => {
          if (page.owner === owner) page.owner = undefined
        },
      })
      const owner = { driver: identity, handOver: () => connection.close() }
      page.owner = owner
      return connection
    } catch (error) {
      life.stop()
      throw error
    }
  }
  const open = async () => {
    const loaded = await loadPlugin(options)
    const page = pageDatabase(loaded.plugin, name)
    return openInTurn(page, () => openAlone(loaded, page))
  }

  return {
    name: 'capacitor',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: false, durable: true, multipleConnections: false },
    open,
    acquireLaunchLock: async (lockOptions) => {
      const { plugin } = await loadPlugin(options)
      return pageDatabase(plugin, name).launchLock.acquire(lockOptions)
    },
  }
}
