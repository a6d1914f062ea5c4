import { WasmDatabase } from '../engine/wasm-database.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import type { Storage } from './storage.ts'

/** A database that is gone when its tab is: all that is left where a browser stores nothing, and what a scratch database wants. */
export function openMemoryStorage(module: SqliteModule, reason: string | null): Storage {
  const database = new WasmDatabase(module, { filename: ':memory:', vfs: null, pragmas: ['temp_store = MEMORY'] })
  return {
    kind: 'memory',
    reason,
    database,
    settle: () => Promise.resolve(),
    explain: (error) => error,
    close: async () => database.close(),
  }
}
