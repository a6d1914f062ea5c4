import { DataLayerError } from '../../../../errors/index.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { HomeDatabase, type HomeRecord } from './home-record.ts'
import { openIndexedDbStorage } from './indexed-db-storage.ts'
import { openMemoryStorage } from './memory-storage.ts'
import { openOpfsStorage, whyNoOpfs, type Synchronous } from './opfs-storage.ts'
import type { Storage, StorageKind } from './storage.ts'

export interface StorageOptions {
  readonly name: string
  readonly synchronous: Synchronous
  /** The kinds that may be used, the best first. */
  readonly kinds: readonly StorageKind[]
}

export interface ChosenStorage {
  readonly storage: Storage
  /** `undefined` where the browser has no IndexedDB. */
  readonly home: HomeDatabase | undefined
}

/**
 * Opens the database in the best storage this browser gives, found by trying. Once it lives somewhere it stays there: a
 * browser that refuses that storage today gets an error, not an empty database in a lesser one.
 *
 * @throws {DataLayerError} `storage-unavailable`, `storage-in-use`, and what is wrong with the file
 */
export async function chooseStorage(
  module: SqliteModule,
  { name, synchronous, kinds }: StorageOptions,
): Promise<ChosenStorage> {
  if (kinds[0] === 'memory') return { storage: openMemoryStorage(module, null), home: undefined }
  const home = await HomeDatabase.open(name).catch(whenRefused)
  const record = await home?.get<HomeRecord>('meta', 'home')
  const noOpfs = kinds.includes('opfs') ? await whyNoOpfs() : 'The app chose not to use file storage.'
  if (record?.kind === 'opfs' || (!record && noOpfs === null)) {
    if (noOpfs !== null) {
      throw new DataLayerError(
        'storage-unavailable',
        `The database is in this browser's file storage, which cannot be opened. ${noOpfs}`,
      )
    }
    const storage = await openOpfsStorage(module, name, { synchronous, expected: record !== undefined })
    if (!record) await remember(home, 'opfs')
    return { storage, home }
  }
  if (home && (record?.kind === 'indexeddb' || kinds.includes('indexeddb'))) {
    const storage = await openIndexedDbStorage(
      module,
      name,
      home,
      noOpfs ?? 'The database was made where there was no file storage.',
    )
    if (!record) await remember(home, 'indexeddb')
    return { storage, home }
  }
  if (!kinds.includes('memory')) throw new DataLayerError('storage-unavailable', noOpfs ?? undefined)
  return { storage: openMemoryStorage(module, `${noOpfs ?? ''} IndexedDB is refused too: nothing is kept.`), home }
}

async function remember(home: HomeDatabase | undefined, kind: StorageKind): Promise<void> {
  await home?.put('meta', 'home', { kind, since: new Date().toISOString() } satisfies HomeRecord)
}

function whenRefused(error: unknown): undefined {
  if (error instanceof DataLayerError && error.code === 'storage-unavailable') return undefined
  throw error
}
