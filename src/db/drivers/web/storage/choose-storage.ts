import { DataLayerError } from '../../../../errors/index.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { HomeDatabase, type HomeRecord } from './home-record.ts'
import { openIndexedDbStorage } from './indexed-db-storage.ts'
import { openMemoryStorage } from './memory-storage.ts'
import { isInOpfs, openOpfsStorage, whyNoOpfs, type Synchronous } from './opfs-storage.ts'
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
  const home = await HomeDatabase.open(name).catch(whenMissing)
  const record = await home?.get<HomeRecord>('meta', 'home')
  const reasons: string[] = []
  for (const kind of record ? [record.kind] : kinds) {
    const reason = reasons.join(' ')
    if (kind === 'opfs') {
      const refusal = await whyNoOpfs()
      if (refusal === null) {
        if (!home && !(await isInOpfs(name))) throw withoutRecord()
        const isMade = record !== undefined || !home
        const storage = await openOpfsStorage(module, name, { synchronous, expected: isMade })
        if (!record) await remember(home, 'opfs')
        return { storage, home }
      }
      reasons.push(refusal)
    } else if (kind === 'indexeddb' && home) {
      const whyNotFiles = reason || (record && kinds.includes('opfs') ? madeElsewhere : notChosen)
      const storage = await openIndexedDbStorage(module, name, home, whyNotFiles)
      if (!record) await remember(home, 'indexeddb')
      return { storage, home }
    } else if (kind === 'indexeddb') reasons.push('This browser refuses IndexedDB.')
    else return { storage: openMemoryStorage(module, `${reason} Nothing is kept.`), home }
  }
  const place = record ? "The database is in this browser's file storage, which cannot be opened. " : ''
  throw new DataLayerError('storage-unavailable', `${place}${reasons.join(' ')}`)
}

const madeElsewhere = 'The database was made where there was no file storage.'
const notChosen = 'The app chose not to use file storage.'

function withoutRecord(): DataLayerError {
  return new DataLayerError(
    'storage-unavailable',
    'IndexedDB, which says where the database is, is refused; an empty one in its place could hide it.',
  )
}

async function remember(home: HomeDatabase | undefined, kind: StorageKind): Promise<void> {
  await home?.put('meta', 'home', { kind, since: new Date().toISOString() } satisfies HomeRecord)
}

/** Missing is what a browser or its user has switched off. What fails in any other way may hold the database's record. */
function whenMissing(error: unknown): undefined {
  const cause = error instanceof DataLayerError ? error.cause : undefined
  const name = cause instanceof Error ? cause.name : ''
  if (['SecurityError', 'NotSupportedError', 'TypeError'].includes(name)) return undefined
  throw error
}
