import { encryptionMode } from '../create-connection.ts'
import { openError } from '../plugin-error.ts'
import { databaseNames } from '../database-names.ts'
import type { CapacitorSQLitePlugin } from '../plugin.ts'

/** `ours`: the key that the plugin holds opens it. `unknown`: another key's, or no database. */
export type FileState = 'none' | 'plain' | 'ours' | 'unknown'

/**
 * What lies under a database's name. The plugin looks with a connection that may only read, and takes every failure for
 * another key ("Database unknown"): one is a journal that a killed app left, which only a writer can roll back. So what it does
 * not know is opened as an app would, which changes nothing else.
 *
 * @throws {DataLayerError} `locked` and others, when the file could not be looked at
 */
export async function fileState(plugin: CapacitorSQLitePlugin, database: string): Promise<FileState> {
  const { result: exists } = await plugin.isDatabase({ database })
  if (exists !== true) return 'none'
  try {
    return (await plugin.isDatabaseEncrypted({ database })).result === false ? 'plain' : 'ours'
  } catch {
    const { result: stored } = await plugin.isSecretStored()
    if (stored === true && (await opens(plugin, database, true))) return 'ours'
    return (await opens(plugin, database, false)) ? 'plain' : 'unknown'
  }
}

/** What all the files of the plugin are: databases, and copies of them. */
export async function fileStates(plugin: CapacitorSQLitePlugin): Promise<{ name: string; state: FileState }[]> {
  const states: { name: string; state: FileState }[] = []
  for (const name of await databaseNames(plugin)) states.push({ name, state: await fileState(plugin, name) })
  return states
}

async function opens(plugin: CapacitorSQLitePlugin, database: string, encrypted: boolean): Promise<boolean> {
  const where = { database, readonly: false }
  await plugin.createConnection({ ...where, ...encryptionMode(encrypted), version: 1 })
  try {
    await plugin.open(where)
    return true
  } catch (error) {
    const coded = openError(error)
    if (coded.code !== 'not-a-database') throw coded
    return false
  } finally {
    await plugin.closeConnection(where).catch(() => undefined)
  }
}
