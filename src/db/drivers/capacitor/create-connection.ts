import { isConnectionLeft } from './plugin-error.ts'
import type { CapacitorSQLitePlugin } from './plugin.ts'

/**
 * Makes the plugin's connection to a database that nobody else in the app has one to.
 *
 * A reload or a hot update left the one that is there. Closing it rolls back what it had open: the session knows of no
 * transaction of ours. checkConnectionsConsistency would close the connections of everybody else in the app too.
 */
export async function createConnection(
  plugin: CapacitorSQLitePlugin,
  database: string,
  encrypted: boolean,
): Promise<void> {
  const where = { database, readonly: false }
  const create = () => plugin.createConnection({ ...where, ...encryptionMode(encrypted), version: 1 })
  await create().catch(async (error: unknown) => {
    if (!isConnectionLeft(error)) throw error
    await plugin.closeConnection(where)
    await create()
  })
}

/** How the plugin is told whether its key is needed. It has no other mode that changes no file. */
export function encryptionMode(encrypted: boolean): { readonly encrypted: boolean; readonly mode: string } {
  return { encrypted, mode: encrypted ? 'secret' : 'no-encryption' }
}
