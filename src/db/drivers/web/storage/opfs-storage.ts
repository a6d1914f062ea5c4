import { DataLayerError } from '../../../../errors/index.ts'
import { WasmDatabase } from '../engine/wasm-database.ts'
import type { FilePool, SqliteModule } from '../engine/wasm-types.ts'
import { opfsCopies } from './opfs-copies.ts'
import { checkPool, databaseFile } from './pool-check.ts'
import { storageError } from './storage-error.ts'
import { explainQuota, watchQuota } from './quota-watch.ts'
import { retryAccess } from './retry-access.ts'
import type { Storage } from './storage.ts'
import { openSyncFile, syncFileMethods } from './sync-files.ts'

/** How durable a commit is: `FULL` outlives a loss of power, `NORMAL` only the end of the browser. */
export type Synchronous = 'FULL' | 'NORMAL' | 'OFF'

/** Room for the database, its WAL, and what a migration or a journal needs beside them. */
const poolSize = 6
const pools = new Map<string, FilePool>()

/**
 * Opens the database in a pool of OPFS files that this worker alone holds.
 *
 * @param expected whether the database has been made before: then one that is missing is lost, not new
 */
export async function openOpfsStorage(
  module: SqliteModule,
  name: string,
  { synchronous, expected }: { readonly synchronous: Synchronous; readonly expected: boolean },
): Promise<Storage> {
  const folder = await retryAccess(() => databaseFolder(name))
  const pool = await acquirePool(module, name, folder)
  try {
    if (expected && !pool.getFileNames().includes(databaseFile)) {
      throw new DataLayerError('corrupt', 'The database was kept in this browser, and its file is gone.')
    }
    watchQuota()
    const database = new WasmDatabase(module, {
      filename: databaseFile,
      vfs: pool.vfsName,
      // In this order: without shared memory, WAL works only for one who locks the file for good (sqlite.org/wal.html#noshm).
      pragmas: [
        'locking_mode = EXCLUSIVE',
        'journal_mode = WAL',
        `synchronous = ${synchronous}`,
        'temp_store = MEMORY',
      ],
    })
    return {
      kind: 'opfs',
      reason: null,
      database,
      settle: () => Promise.resolve(),
      explain: (error, noCommit = false) => {
        if (!isWriteFailure(error)) return error
        const explained = explainQuota(error)
        try {
          if (!noCommit && !database.inTransaction) database.dropRefusedCommit()
          return explained
        } catch (fault) {
          return fault
        }
      },
      copies: opfsCopies(folder, name),
      close: async () => {
        database.close()
        pool.pauseVfs()
      },
    }
  } catch (error) {
    pool.pauseVfs()
    throw explainQuota(error)
  }
}

/** Whether a file could not be written, or made; what a read or a constraint has to say leaves no trace in the WAL. */
function isWriteFailure(error: unknown): boolean {
  return (
    error instanceof DataLayerError &&
    ['SQLITE_IOERR', 'SQLITE_FULL', 'SQLITE_CANTOPEN'].includes(error.sqlite?.primary ?? '')
  )
}

async function acquirePool(module: SqliteModule, name: string, folder: FileSystemDirectoryHandle): Promise<FilePool> {
  const key = encodeURIComponent(name)
  return retryAccess(async () => {
    await checkPool(await folder.getDirectoryHandle('pool', { create: true }).then(opaqueFolder))
    const known = pools.get(key)
    if (known) {
      await known.unpauseVfs()
      return known
    }
    const pool = await module.installOpfsSAHPoolVfs({
      name: `selfsame-${key}`,
      directory: `/.selfsame/${key}/pool`,
      initialCapacity: poolSize,
      // What fails is in the error; the console is the app's.
      verbosity: 0,
      // Without it one handle that fails to open deletes the whole pool.
      preserveOnInitFailure: true,
      forceReinitIfPreviouslyFailed: true,
    })
    // A tab that was killed while it made them may have left fewer files, and to those the VFS adds none.
    await pool.reserveMinimumCapacity(poolSize)
    pools.set(key, pool)
    return pool
  })
}

function opaqueFolder(pool: FileSystemDirectoryHandle): Promise<FileSystemDirectoryHandle> {
  return pool.getDirectoryHandle('.opaque', { create: true })
}

async function databaseFolder(name: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  const ours = await root.getDirectoryHandle('.selfsame', { create: true })
  return ours.getDirectoryHandle(encodeURIComponent(name), { create: true })
}

/** Whether files of this database are there. */
export async function isInOpfs(name: string): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory()
    const ours = await root.getDirectoryHandle('.selfsame')
    await (await ours.getDirectoryHandle(encodeURIComponent(name))).getDirectoryHandle('pool')
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false
    throw storageError(error)
  }
}

/**
 * Whether this browser gives out synchronous file handles, found by opening one: some WebViews have the function and throw.
 *
 * @returns `null` when it does, otherwise why not
 * @throws {DataLayerError} `storage-in-use` or `storage-unavailable` when it might, and does not now
 */
export async function whyNoOpfs(): Promise<string | null> {
  if (typeof navigator.storage?.getDirectory !== 'function') return 'This browser has no file storage (OPFS).'
  if (!syncFileMethods()) return 'This browser has no synchronous file handles.'
  const name = `.selfsame-probe-${crypto.randomUUID()}`
  try {
    await retryAccess(async () => {
      const root = await navigator.storage.getDirectory()
      try {
        const handle = await openSyncFile(await root.getFileHandle(name, { create: true }))
        handle.close()
      } finally {
        await root.removeEntry(name).catch(() => undefined)
      }
    })
    return null
  } catch (error) {
    const cause = error instanceof DataLayerError ? error.cause : error
    const refusal = cause instanceof Error ? cause.name : ''
    if (['SecurityError', 'NotSupportedError', 'NotAllowedError', 'TypeError'].includes(refusal)) {
      return `This browser refuses its file storage (${refusal}).`
    }
    throw error
  }
}
