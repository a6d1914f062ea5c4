import { loadEngine } from './engine/load-engine.ts'
import { moveIn } from './moving-in/move-in.ts'
import { olderStorages, type OlderNames } from './moving-in/older-storage.ts'
import { chooseStorage, type StorageOptions } from './storage/choose-storage.ts'
import type { StorageReport } from './tabs/operations.ts'
import { OwnedDatabase } from './tabs/owned-database.ts'

/** What a worker needs to know to open a database. It crosses to the worker as it is. */
export interface WebStorageOptions extends StorageOptions {
  /** Where earlier versions of the app may have left a database; `false` to look nowhere. */
  readonly moveFrom: OlderNames | false
}

/** Opens the database in this worker, as its owner. */
export async function openDatabase(
  options: WebStorageOptions,
  changed: (tables: readonly string[], tab: string) => void,
): Promise<{ database: OwnedDatabase; report: StorageReport }> {
  const module = await loadEngine()
  const { storage, home } = await chooseStorage(module, options)
  try {
    const { name, moveFrom } = options
    const mayMove = moveFrom !== false && home && storage.kind !== 'memory'
    const movedFrom = mayMove ? await moveIn(module, storage, home, olderStorages(name, moveFrom)) : null
    if (storage.kind !== 'indexeddb') home?.close()
    const report: StorageReport = { kind: storage.kind, reason: storage.reason, movedFrom }
    return { database: new OwnedDatabase(module, storage, changed), report }
  } catch (error) {
    await storage.close()
    throw error
  }
}
