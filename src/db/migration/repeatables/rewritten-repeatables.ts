import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { RepeatableEntry } from '../ledger/ledger.ts'
import { isAsRecorded, repeatableChecksum } from './repeatables.ts'

/**
 * SQLite writes the new name into every view and trigger when a patch renames a table or a column. Those that stayed where
 * they were, of components that this app does not name or knows only in part, are still what was created, and not somebody
 * else's.
 *
 * @param before what was recorded before the patches ran
 */
export async function recordRewritten(tx: Queryable, before: readonly RepeatableEntry[]): Promise<void> {
  for (const entry of before) {
    if (entry.text === null || !isAsRecorded(entry, entry.text)) continue
    const now = await tx.queryOne<{ text: string }>(
      sql`SELECT s.sql AS text FROM selfsame_repeatables AS r JOIN sqlite_schema AS s ON s.name = r.name
        WHERE r.name = ${entry.name} AND r.checksum = ${entry.checksum} AND s.type IN ('view', 'trigger')`,
    )
    if (!now || isAsRecorded(entry, now.text)) continue
    await tx.execute(
      sql`UPDATE selfsame_repeatables SET checksum = ${repeatableChecksum(now.text)} WHERE name = ${entry.name}`,
    )
  }
}
