import { DataLayerError } from '../../../errors/index.ts'
import type { Driver, DriverConnection } from '../../driver.ts'
import { MemoryLock } from '../../memory-lock.ts'
import type { ImageStore } from './image-store.ts'
import { loadModule, type LoadOptions } from './load-module.ts'
import { openConnection } from './sqljs-connection.ts'
import type { SqljsModule } from './sqljs-types.ts'
import { storeError } from './store-error.ts'

export interface SqljsDriverOptions extends LoadOptions {
  /** The database to begin with where the store has none yet. */
  readonly image?: Uint8Array
  /** Where the database is kept; without one it is gone when it is closed. */
  readonly store?: ImageStore
}

/**
 * The driver for sql.js: SQLite in memory. With a `store`, every commit writes the whole database to it before the call
 * resolves; when that fails, the call rejects and the database goes back to what the store holds.
 *
 * `extendedErrorCodes` is false: sql.js gives primary codes, and the extended ones are worked out from SQLite's words.
 * `multipleConnections` is false: each connection has a memory of its own, so a store has one owner at a time.
 *
 * @example
 * const driver = sqljsDriver({ locateFile: () => wasmUrl, store: indexedDbStore('app') })
 */
export function sqljsDriver({ image, store, ...loading }: SqljsDriverOptions = {}): Driver {
  let module: Promise<SqljsModule> | undefined
  let storeIsTaken = false
  const lock = new MemoryLock('this process')

  const open = async (): Promise<DriverConnection> => {
    if (store && storeIsTaken)
      throw new DataLayerError('storage-in-use', undefined, { details: { holder: 'this process' } })
    storeIsTaken = true
    let owned: { release(): Promise<void> } | undefined
    const free = async () => {
      storeIsTaken = false
      await owned?.release()
    }
    try {
      owned = await store?.acquire?.()
      module ??= loadModule(loading)
      return await openConnection(await module, image, store, free)
    } catch (error) {
      module = undefined
      await free()
      throw storeError(error)
    }
  }

  return {
    name: 'sqljs',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: false, durable: store !== undefined, multipleConnections: false },
    open,
    acquireLaunchLock: (options) => lock.acquire(options),
  }
}
