import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Database } from '../db/database.ts'
import type { Driver, DriverConnection } from '../db/driver.ts'
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
export async function withFile<T>(file: string, access: Access, use: (open: OpenFile) => Promise<T>): Promise<T> {
  const path = resolve(file)
  if (access !== 'create') await mustExist(path)
  const driver = nodeDriver({ filename: path, create: access === 'create', readOnly: access === 'read' })
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    return await use({ path, driver, connection, db })
  } finally {
    await db.close()
  }
}

/** @throws {DataLayerError} `storage-unavailable` */
export async function mustExist(path: string): Promise<void> {
  const entry = await stat(path).catch(() => undefined)
  if (!entry) throw new DataLayerError('storage-unavailable', `There is no file ${path}.`)
  if (!entry.isFile()) throw new DataLayerError('storage-unavailable', `${path} is not a file.`)
}
