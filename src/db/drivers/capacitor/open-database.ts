import { DataLayerError } from '../../../errors/index.ts'
import { Bridge } from './bridge.ts'
import { createConnection } from './create-connection.ts'
import { openError } from './plugin-error.ts'
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
  const close = async () => {
    await plugin.closeConnection(where)
  }
  try {
    await createConnection(plugin, database, encrypted)
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
