import { DataLayerError } from '../../../errors/index.ts'
import type { Driver } from '../../driver.ts'
import { MemoryLock } from '../../memory-lock.ts'
import { followAppLife } from './app-life.ts'
import { openConnection, type OwnedConnection } from './capacitor-connection.ts'
import { DatabaseFolder } from './database-folder.ts'
import { exportImage, readThroughWebView, type ReadFile } from './export-image.ts'
import { folderCopies } from './folder-copies.ts'
import { openDatabase } from './open-database.ts'
import { loadPlugin, type PluginSource } from './plugin.ts'

export interface CapacitorDriverOptions extends PluginSource {
  /** The database's name: the plugin's file is called `<name>SQLite.db`. Letters, digits, `_` and `-`. */
  readonly name: string
  /** Reads a file by its absolute path, for `export()`. The WebView's own server does it when it is not given. */
  readonly readFile?: ReadFile
  /** Where the events `pause` and `resume` come; the page's document when it is not given. */
  readonly document?: EventTarget
}

interface Owner {
  readonly driver: object
  readonly connection: Promise<OwnedConnection>
}

// Of this page: a page that is loaded anew has lost them, and what they left on the native side is closed by the next open.
const owners = new Map<string, Owner>()
const launchLocks = new Map<string, MemoryLock>()

/**
 * The driver for iOS and Android, on `@capacitor-community/sqlite` 8.1.
 *
 * One connection at a time: opening a second one with the same driver is `storage-in-use`, and another driver for the same
 * name, as a hot update makes one, takes the database over from the first. `extendedErrorCodes` is false: iOS gives primary
 * codes, and the extended ones are worked out from SQLite's words. The launch lock is the page's own, because an app is one
 * process with one page on a phone.
 *
 * @throws {DataLayerError} `unsupported` for a name with other characters
 * @example
 * const dataLayer = createDataLayer({ driver: capacitorDriver({ name: 'app' }) })
 */
export function capacitorDriver(options: CapacitorDriverOptions): Driver {
  const { name } = options
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    throw new DataLayerError('unsupported', 'A database of the plugin has a name of letters, digits, _ and -.')
  const identity = {}

  const open = async () => {
    const earlier = owners.get(name)
    if (earlier?.driver === identity)
      throw new DataLayerError('storage-in-use', undefined, { details: { holder: 'this page' } })
    const forget = () => {
      if (owners.get(name)?.driver === identity) owners.delete(name)
    }
    const connect = async (): Promise<OwnedConnection> => {
      const lost = await earlier?.connection.catch(() => undefined)
      lost?.lose()
      const { plugin, platform } = await loadPlugin(options)
      const folder = new DatabaseFolder(plugin, name)
      const readFile = options.readFile ?? readThroughWebView
      return openConnection({
        open: () => openDatabase(plugin, platform, name),
        copies: (alone) => folderCopies(folder, alone),
        exportImage: (opened) => exportImage(opened.bridge, folder, readFile),
        life: followAppLife(platform, options.document ?? globalThis.document),
        onClose: forget,
      })
    }
    const connection = connect()
    owners.set(name, { driver: identity, connection })
    try {
      return await connection
    } catch (error) {
      forget()
      throw error
    }
  }

  return {
    name: 'capacitor',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: false, durable: true, multipleConnections: false },
    open,
    acquireLaunchLock: (lockOptions) => {
      const lock = launchLocks.get(name) ?? new MemoryLock('this app')
      launchLocks.set(name, lock)
      return lock.acquire(lockOptions)
    },
  }
}
