import type { CapacitorSQLitePlugin } from './plugin.ts'

/** What the plugin puts behind a database's name to make it a file's. */
export const databaseSuffix = 'SQLite.db'

/** The names of the databases there are, copies among them. */
export async function databaseNames(plugin: CapacitorSQLitePlugin): Promise<string[]> {
  const { values = [] } = await plugin
    .getDatabaseList()
    .catch((error: unknown): Awaited<ReturnType<CapacitorSQLitePlugin['getDatabaseList']>> => {
      // Android rejects where there is none (CapacitorSQLite.java, getDatabaseList).
      if (error instanceof Error && /No databases available/.test(error.message)) return {}
      throw error
    })
  // Android lists journals, too.
  return values.filter((file) => file.endsWith(databaseSuffix)).map((file) => file.slice(0, -databaseSuffix.length))
}
