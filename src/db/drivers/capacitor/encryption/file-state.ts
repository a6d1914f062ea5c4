import type { CapacitorSQLitePlugin } from '../plugin.ts'

/** `ours`: the key that the plugin holds opens it. `unknown`: another key's, or no database. */
export type FileState = 'none' | 'plain' | 'ours' | 'unknown'

/** What lies under a database's name. The plugin rejects for a file that neither no key nor its own opens. */
export async function fileState(plugin: CapacitorSQLitePlugin, database: string): Promise<FileState> {
  const { result: exists } = await plugin.isDatabase({ database })
  if (exists !== true) return 'none'
  return plugin.isDatabaseEncrypted({ database }).then(
    ({ result }) => (result === false ? 'plain' : 'ours'),
    () => 'unknown' as const,
  )
}
