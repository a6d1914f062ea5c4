import { DataLayerError } from '../../../../errors/index.ts'
import { WasmDatabase } from '../engine/wasm-database.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { type HomeDatabase } from './home-record.ts'
import { storageError } from './storage-error.ts'
import { indexedDbCopies } from './indexed-db-copies.ts'
import { PageFile } from './page-file.ts'
import { installPageVfs } from './page-vfs.ts'
import type { Storage } from './storage.ts'

interface SavedFile {
  readonly size: number
  /** The owner that saved it last. */
  readonly owner: string
}

/**
 * Keeps the database in memory and its changed pages in IndexedDB: each commit is one transaction there, strictly durable,
 * and is acknowledged when that is complete.
 */
export async function openIndexedDbStorage(
  module: SqliteModule,
  name: string,
  home: HomeDatabase,
  reason: string,
): Promise<Storage> {
  const owner = crypto.randomUUID()
  const loaded = await loadFile(home)
  let opened = openFile(module, loaded.file)
  // Only the owner that the store names may save: one that woke from a freeze is refused.
  let named = await claim(home, loaded, owner)
  let lost: unknown
  return {
    kind: 'indexeddb',
    reason,
    get database() {
      if (lost) throw lost
      return opened.database
    },
    explain: (error) => error,
    copies: indexedDbCopies(home, name),
    settle: async () => {
      if (!opened.file.isDirty) return
      try {
        await saveFile(home, { named, owner }, opened.file)
        named = owner
      } catch (error) {
        // Nobody is to read what was never kept: back to what is.
        opened.close()
        try {
          opened = openFile(module, (await loadFile(home)).file)
        } catch (fault) {
          lost = fault
        }
        throw error
      }
    },
    close: async () => {
      if (!lost) opened.close()
      home.close()
    },
  }
}

function openFile(module: SqliteModule, file: PageFile): { file: PageFile; database: WasmDatabase; close(): void } {
  const vfs = installPageVfs(module, file)
  try {
    const database = new WasmDatabase(module, {
      // Without locks there is no WAL, which nobody would save: with them SQLite takes one when locking is exclusive.
      filename: `file:${vfs.filename}?nolock=1`,
      vfs: vfs.vfsName,
      pragmas: ['journal_mode = MEMORY', 'synchronous = OFF', 'temp_store = MEMORY'],
    })
    const close = () => {
      database.close()
      vfs.uninstall()
    }
    return { file, database, close }
  } catch (error) {
    vfs.uninstall()
    throw error
  }
}

interface LoadedFile {
  readonly file: PageFile
  readonly saved: SavedFile | undefined
}

/**
 * Makes this owner the only one whose saves count.
 *
 * @returns the owner that the store names now: the one before where there is no room to write, so that it can be read
 */
async function claim(home: HomeDatabase, { saved }: LoadedFile, owner: string): Promise<string | undefined> {
  try {
    await home.put('meta', 'file', { size: saved?.size ?? 0, owner } satisfies SavedFile)
    return owner
  } catch (error) {
    if (error instanceof DataLayerError && error.code === 'no-space') return saved?.owner
    throw error
  }
}

async function loadFile(home: HomeDatabase): Promise<LoadedFile> {
  const saved = await home.get<SavedFile>('meta', 'file')
  if (!saved || saved.size === 0) return { saved, file: new PageFile(new Uint8Array(0)) }
  const content = new Uint8Array(saved.size)
  const [keys, blocks] = await Promise.all([
    home.transact(['pages'], 'readonly', (transaction) => transaction.objectStore('pages').getAllKeys()),
    home.transact(
      ['pages'],
      'readonly',
      (transaction) => transaction.objectStore('pages').getAll() as IDBRequest<Uint8Array[]>,
    ),
  ])
  const expected = Math.ceil(saved.size / PageFile.blockSize)
  if (blocks.length !== expected) {
    throw new DataLayerError('corrupt', 'Pages of the database are missing from IndexedDB.', {
      details: { found: blocks.length, expected },
    })
  }
  blocks.forEach((block, index) => content.set(block, Number(keys[index]) * PageFile.blockSize))
  return { saved, file: new PageFile(content) }
}

async function saveFile(
  home: HomeDatabase,
  { named, owner }: { readonly named: string | undefined; readonly owner: string },
  file: PageFile,
): Promise<void> {
  // What goes wrong in a request's callback aborts the transaction, and the transaction does not say what it was.
  let cause: unknown
  const save = home.transact(['meta', 'pages'], 'readwrite', (transaction) => {
    const meta = transaction.objectStore('meta')
    const pages = transaction.objectStore('pages')
    const before = meta.get('file') as IDBRequest<SavedFile | undefined>
    before.onsuccess = () => {
      try {
        if (before.result?.owner !== named)
          throw new DataLayerError('storage-in-use', 'Another tab has taken the database over.')
        for (const { index, bytes } of file.dirtyBlocks()) pages.put(bytes, index)
        const end = Math.ceil(file.size / PageFile.blockSize)
        if ((before.result?.size ?? 0) > file.size) pages.delete(IDBKeyRange.lowerBound(end))
        meta.put({ size: file.size, owner } satisfies SavedFile, 'file')
      } catch (error) {
        cause = error
        transaction.abort()
      }
    }
    return before
  })
  await save.catch((error: unknown) => {
    throw cause === undefined ? error : storageError(cause)
  })
  file.saved()
}
