import { DataLayerError } from '../../../../errors/index.ts'
import type { SqliteModule } from './wasm-types.ts'

let loading: Promise<SqliteModule> | undefined

/**
 * Starts SQLite's wasm, once per worker and not before this tab is to own a database: a tab that asks another one needs
 * none of it.
 *
 * @throws {DataLayerError} `storage-unavailable` when the wasm cannot be had; asking again tries again
 */
export function loadEngine(): Promise<SqliteModule> {
  loading ??= start().catch((error: unknown) => {
    loading = undefined
    throw new DataLayerError(
      'storage-unavailable',
      'SQLite could not be started: is its wasm served, and allowed by the CSP (wasm-unsafe-eval)?',
      {
        cause: error,
      },
    )
  })
  return loading
}

async function start(): Promise<SqliteModule> {
  // The `opfs` VFS needs headers most hosts cannot send, and `opfs-wl` loses rows of two tabs: neither is to start its worker.
  Object.assign(globalThis, { sqlite3ApiConfig: { disable: { vfs: { opfs: true, 'opfs-wl': true } } } })
  const { default: init } = (await import('@sqlite.org/sqlite-wasm')) as unknown as {
    default: () => Promise<SqliteModule>
  }
  return init()
}
