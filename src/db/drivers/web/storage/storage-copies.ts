import { DataLayerError } from '../../../../errors/index.ts'
import type { RestoredCopy, RestoreOptions, StoredCopy } from '../../../driver.ts'
import { mustBelong } from '../../../must-belong.ts'
import { WasmDatabase } from '../engine/wasm-database.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { isSameContent } from './same-content.ts'
import type { CopyStore, Storage } from './storage.ts'

const keptCodes: ReadonlySet<string> = new Set(['no-space', 'corrupt', 'not-a-database', 'closed', 'unsupported'])

/** Copies of a database, written and put back while nobody else's statements run. Every image is checked before it counts. */
export class StorageCopies {
  readonly #module: SqliteModule
  readonly #storage: Storage

  constructor(module: SqliteModule, storage: Storage) {
    this.#module = module
    this.#storage = storage
  }

  async write(location?: string): Promise<StoredCopy> {
    const store = this.#store()
    const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '')
    const name = location === undefined ? `backup-${stamp}-${crypto.randomUUID().slice(0, 6)}.sqlite` : nameOf(location)
    try {
      if (await store.read(name)) throw new DataLayerError('backup-failed', 'A copy has this name already.')
      const image = this.#storage.database.image()
      openSound(this.#module, image).close()
      await store.write(name, image)
      const written = (await store.list()).find((copy) => nameOf(copy.location) === name)
      if (written?.bytes !== image.length) throw new DataLayerError('backup-failed')
      return { location: written.location, bytes: written.bytes }
    } catch (error) {
      if (error instanceof DataLayerError && keptCodes.has(error.code)) throw error
      throw new DataLayerError('backup-failed', undefined, { cause: error })
    }
  }

  async list(): Promise<(StoredCopy & { readonly writtenAt: string })[]> {
    return (await this.#store().list()).filter(({ location }) => nameOf(location).startsWith('backup-'))
  }

  async remove(location: string): Promise<void> {
    await this.#store().remove(nameOf(location))
  }

  async restore(location: string, options?: RestoreOptions): Promise<RestoredCopy> {
    const image = await this.#store().read(nameOf(location))
    if (!image) throw new DataLayerError('storage-unavailable', 'There is no such copy.')
    return { ...(await this.import(image, options)), location }
  }

  /** Puts an image in the place of the content, which is copied first where the storage keeps copies. */
  async import(image: Uint8Array, { belongs }: RestoreOptions = {}): Promise<RestoredCopy> {
    const source = openSound(this.#module, image, 'integrity_check')
    try {
      mustBelong((query) => source.read(query)[0]?.[0], belongs)
      const isEmpty = this.#storage.database.read('SELECT count(*) FROM sqlite_schema')[0]?.[0] === 0
      const undo = this.#storage.copies && !isEmpty ? (await this.write()).location : ''
      await this.replace(source).catch(async (error: unknown) => {
        await this.#removeNeedless(undo)
        throw error
      })
      return { location: 'import', bytes: image.length, undo }
    } finally {
      source.close()
    }
  }

  /** Without it every import that had no room would leave less. It stays where the content is not surely what it holds. */
  async #removeNeedless(location: string): Promise<void> {
    if (location === '') return
    try {
      const copy = await this.#store().read(nameOf(location))
      if (copy && isSameContent(copy, this.#storage.database.image())) await this.remove(location)
    } catch {
      // Some databases cannot even be read while the storage is full. The import's own failure is told; the copy is listed.
    }
  }

  /** Replaces the content by that of a database in memory, in one transaction. */
  async replace(source: WasmDatabase): Promise<void> {
    const { database } = this.#storage
    const pageSize = (of: WasmDatabase) => of.read('PRAGMA page_size')[0]?.[0]
    const isWal = database.read('PRAGMA journal_mode')[0]?.[0] === 'wal'
    // In WAL mode the page size is fixed (sqlite.org/c3ref/backup_finish.html).
    const leavesWal = isWal && pageSize(database) !== pageSize(source)
    try {
      if (leavesWal) database.read('PRAGMA journal_mode = DELETE')
      database.replaceWith(source)
    } catch (error) {
      throw this.#storage.explain(error, leavesWal)
    } finally {
      if (leavesWal) this.#returnToWal()
    }
    await this.#storage.settle()
  }

  /** Without room for a WAL commits are as durable, and slower, until the next opening tries again. */
  #returnToWal(): void {
    try {
      this.#storage.database.read('PRAGMA journal_mode = WAL')
    } catch (error) {
      this.#storage.explain(error, true)
    }
  }

  #store(): CopyStore {
    if (this.#storage.copies) return this.#storage.copies
    throw new DataLayerError('unsupported', 'A database in memory keeps no copies.')
  }
}

/**
 * A database in memory with the content of an image.
 *
 * @throws {DataLayerError} `not-a-database` or `corrupt`
 */
export function openSound(
  module: SqliteModule,
  image: Uint8Array,
  check: 'quick_check' | 'integrity_check' = 'quick_check',
): WasmDatabase {
  const magic = 'SQLite format 3\0'
  const head = String.fromCharCode(...image.subarray(0, magic.length))
  if (image.length > 0 && head !== magic) throw new DataLayerError('not-a-database')
  // SQLite fills up a last page that was cut: whatever stood there would be taken for what it is not.
  if (image.length % pageSizeOf(image) !== 0) throw new DataLayerError('corrupt', 'The file is cut off.')
  const database = image.length === 0 ? WasmDatabase.empty(module) : WasmDatabase.fromImage(module, image)
  try {
    const findings = database.damage(check)
    if (findings.length > 0)
      throw new DataLayerError('corrupt', undefined, { details: { findings: findings.slice(0, 10) } })
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** As the header says it; 1 stands for 65536 (sqlite.org/fileformat2.html, 1.3.2). */
function pageSizeOf(image: Uint8Array): number {
  const [high = 0, low = 0] = image.subarray(16, 18)
  const size = high * 256 + low
  return size === 1 ? 65_536 : size || 1
}

/** `opfs:app/backup-….sqlite` without what stands before the name. */
function nameOf(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1)
}
