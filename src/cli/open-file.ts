import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Database } from '../db/database.ts'
import type { Driver, DriverConnection, RunOptions } from '../db/driver.ts'
import { nodeDriver } from '../db/drivers/node/index.ts'
import { DataLayerError } from '../errors/index.ts'

/** A database file, open. */
export interface OpenFile {
  /** The file's absolute path. */
  readonly path: string
  readonly driver: Driver
  readonly connection: DriverConnection
  readonly db: Database
}

/** `read` cannot change the file; only `create` makes one that is missing. */
export type Access = 'read' | 'write' | 'create'

/**
 * Opens a database file for as long as `use` takes.
 *
 * @throws {DataLayerError} `storage-unavailable` when there is no such file and none is to be made
 */
export async function withFile<T>(
  file: string,
  access: Access,
  use: (open: OpenFile) => Promise<T>,
  waiting: Pick<RunOptions, 'lockTimeoutMs'> = {},
): Promise<T> {
  const path = resolve(file)
  if (access !== 'create') await mustExist(path)
  const open = async (readOnly: boolean) => {
    const driver = nodeDriver({ filename: path, create: access === 'create', readOnly })
    return { driver, connection: await driver.open(waiting) }
  }
  const { driver, connection } = access === 'read' ? await readOnlyFirst(open) : await open(false)
  const db = new Database(connection)
  try {
    return await use({ path, driver, connection, db })
  } finally {
    await db.close()
  }
}

/**
 * Reads through a connection that cannot write, unless a killed process has left a transaction half done: SQLite then has
 * to undo that before anything can be read, and may (sqlite.org/lockingv3.html, hot journals).
 */
export async function readOnlyFirst<T>(read: (readOnly: boolean) => Promise<T>): Promise<T> {
  try {
    return await read(true)
  } catch (error) {
    if (error instanceof DataLayerError && recoverable.has(error.sqlite?.extended ?? '')) return read(false)
    throw error
  }
}

const recoverable: ReadonlySet<string> = new Set(['SQLITE_READONLY_ROLLBACK', 'SQLITE_READONLY_RECOVERY'])

/** @throws {DataLayerError} `storage-unavailable` */
export async function mustExist(path: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined)
  if (!entry) throw new DataLayerError('storage-unavailable', `There is no file ${path}.`)
  if (!entry.isFile()) throw new DataLayerError('storage-unavailable', `${path} is not a file.`)
}
