import { DataLayerError } from '../../../errors/index.ts'
import type { Driver } from '../../driver.ts'
import { acquireWebLock } from './launch-lock.ts'
import type { OlderNames } from './moving-in/older-storage.ts'
import type { Synchronous } from './storage/opfs-storage.ts'
import type { StorageKind } from './storage/storage.ts'
import { tabNames } from './tabs/names.ts'
import { isHeld, readNote, webLocks } from './tabs/web-locks.ts'
import { openInWorker } from './worker-connection.ts'

export interface WebDriverOptions {
  /** What the database is called in this origin. */
  readonly name: string
  /**
   * The storage that may be used, the best first; the first that this browser gives is taken.
   *
   * @default ['opfs', 'indexeddb', 'memory']
   */
  readonly storage?: readonly StorageKind[]
  /**
   * `FULL`: a commit outlives a loss of power. `NORMAL` is several times faster and outlives the end of the browser only.
   *
   * @default 'FULL'
   */
  readonly synchronous?: Synchronous
  /** Whether the browser is asked, after the first write, not to clear the storage by itself. Firefox asks the user. */
  readonly persist?: boolean
  /**
   * What the database was called in the storage of an earlier version of the app: our sql.js store, jeep-sqlite (the web
   * half of `@capacitor-community/sqlite`) or absurd-sql. An empty database takes over the first one found, checked, and
   * leaves it where it is. `false` looks nowhere.
   *
   * @default the database's own name in each
   */
  readonly moveFrom?: OlderNames | false
  /** Starts the driver's worker, for a bundler that does not understand `new Worker(new URL(…))`. */
  readonly worker?: () => Worker
}

/**
 * The driver for browsers: SQLite's own wasm in a worker, in files of the origin (OPFS). All tabs share one database; the
 * tab that has it open answers the others, and when it goes the next one takes over. Where a browser has no such files,
 * pages are kept in IndexedDB; where it has neither, the database is in memory: `dataLayer.storage` says which.
 *
 * Needs https or localhost, and no special headers. `extendedErrorCodes` and `multipleConnections` are true.
 *
 * @example
 * const dataLayer = createDataLayer({ driver: webDriver({ name: 'app' }) })
 */
export function webDriver(options: WebDriverOptions): Driver {
  const {
    name,
    storage = ['opfs', 'indexeddb', 'memory'],
    synchronous = 'FULL',
    persist = true,
    moveFrom = {},
  } = options
  if (typeof name !== 'string' || name === '')
    throw new DataLayerError('unsupported', 'webDriver needs a name for its database.')
  const inMemory = storage[0] === 'memory'
  const start = options.worker ?? startWorker
  // The bundler that has to be told of the one will not find the other.
  const exchange = options.worker ? () => undefined : reachExchange
  return {
    name: 'web',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: true, durable: !inMemory, multipleConnections: !inMemory },
    open: async () => {
      // Before anything else that an insecure page lacks, so that it is told why.
      webLocks()
      if (typeof Worker !== 'function') throw await withoutWorkers(name)
      return openInWorker({ start, exchange, storage: { name, synchronous, kinds: storage, moveFrom } }, persist)
    },
    acquireLaunchLock: (lockOptions) => acquireWebLock(tabNames(name).launchLock, lockOptions),
  }
}

function startWorker(): Worker {
  // Bundlers look for exactly this expression.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'selfsame' })
}

/** A shared worker passes ports from tab to tab. Not every browser has them, and some refuse: then tabs use broadcasts. */
function reachExchange(): MessagePort | undefined {
  if (typeof SharedWorker !== 'function') return undefined
  try {
    const exchange = new SharedWorker(new URL('./port-exchange.js', import.meta.url), {
      type: 'module',
      name: 'selfsame',
    })
    exchange.addEventListener('error', (event) => event.preventDefault())
    return exchange.port
  } catch {
    return undefined
  }
}

/** A service worker cannot have workers of its own: it is told whether a tab has the database open. */
async function withoutWorkers(name: string): Promise<DataLayerError> {
  const { ownerLock } = tabNames(name)
  const note = await readNote(ownerLock)
  if (note)
    return new DataLayerError('storage-in-use', undefined, { details: { holder: note.holder, since: note.since } })
  const message = 'There are no workers here; open the database in a page.'
  return new DataLayerError((await isHeld(ownerLock)) ? 'storage-in-use' : 'storage-unavailable', message)
}
