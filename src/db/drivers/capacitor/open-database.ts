import { DataLayerError } from '../../../errors/index.ts'
import { Bridge } from './bridge.ts'
import { isConnectionLeft, openError } from './plugin-error.ts'
import type { CapacitorSQLitePlugin, NativePlatform } from './plugin.ts'
import { readSchema } from './schema.ts'
import { StatementRunner } from './statement-runner.ts'

/** The native side's connection to one database, opened and looked at. */
export interface OpenedDatabase {
  readonly bridge: Bridge
  readonly runner: StatementRunner
  /** Whether it had no table when it was opened. */
  readonly empty: boolean
  close(): Promise<void>
}

/**
 * Opens the database in four calls, two more when a page that is gone has left its connection.
 *
 * @param encrypted whether the key that the plugin holds is needed; `unlock` has seen to it then
 * @throws {DataLayerError} `not-a-database`, `wrong-key`, `storage-unavailable`, `unsupported`
 */
export async function openDatabase(
  plugin: CapacitorSQLitePlugin,
  platform: NativePlatform,
  database: string,
  encrypted = false,
): Promise<OpenedDatabase> {
  const where = { database, readonly: false }
  const create = () => plugin.createConnection({ ...where, ...encryptionMode(encrypted), version: 1 })
  const close = async () => {
    await plugin.closeConnection(where)
  }
  try {
    await create().catch(async (error: unknown) => {
      if (!isConnectionLeft(error)) throw error
      // A reload or a hot update left it. Closing it rolls back what it had open: the session knows of no transaction of
      // ours. checkConnectionsConsistency would close the connections of everybody else in the app too.
      await close()
      await create()
    })
  } catch (error) {
    throw openError(error)
  }
  try {
    await plugin.open(where).catch((error: unknown) => {
      throw openError(error, encrypted)
    })
    const bridge = new Bridge(plugin, platform, database)
    // The deletion of the journal is the commit; without EXTRA it reaches the disk when it likes.
    await bridge.query({ text: 'PRAGMA synchronous = EXTRA', values: [] })
    const schema = await readSchema(bridge)
    if (!schema.foreignKeys) throw new DataLayerError('unsupported', 'This SQLite does not enforce foreign keys.')
    return { bridge, runner: new StatementRunner(bridge, schema), empty: schema.pages.size === 0, close }
  } catch (error) {
    await close().catch(() => undefined)
    throw openError(error)
  }
}

/** How the plugin is told whether its key is needed. It has no other mode that changes no file. */
export function encryptionMode(encrypted: boolean): { readonly encrypted: boolean; readonly mode: string } {
  return { encrypted, mode: encrypted ? 'secret' : 'no-encryption' }
}
