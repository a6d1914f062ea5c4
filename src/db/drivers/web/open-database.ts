import { loadEngine } from './engine/load-engine.ts'
import { chooseStorage, type StorageOptions } from './storage/choose-storage.ts'
import type { StorageReport } from './tabs/operations.ts'
import { OwnedDatabase } from './tabs/owned-database.ts'

/** What a worker needs to know to open a database. It crosses to the worker as it is. */
export type WebStorageOptions = StorageOptions

/** Opens the database in this worker, as its owner. */
export async function openDatabase(
  options: WebStorageOptions,
  changed: (tables: readonly string[], tab: string) => void,
): Promise<{ database: OwnedDatabase; report: StorageReport }> {
  const module = await loadEngine()
  const { storage } = await chooseStorage(module, options)
  const report: StorageReport = { kind: storage.kind, reason: storage.reason, movedFrom: null }
  return { database: new OwnedDatabase(module, storage, changed), report }
}
