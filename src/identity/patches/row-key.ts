import type { Queryable } from '../../db/database.ts'
import { rowidName } from '../../db/migration/patches/rowid-name.ts'
import { quoteName, sql } from '../../db/sql.ts'

/**
 * An SQL expression that names a row of a table for good: its primary key, or its rowid where it has none. VACUUM may
 * renumber rowids that no column shows (sqlite.org/lang_vacuum.html), so they are only used where there is nothing else.
 */
export async function rowKey(tx: Pick<Queryable, 'query'>, table: string): Promise<string> {
  const columns = await tx.query<{ name: string; pk: number }>(sql`SELECT name, pk FROM pragma_table_info(${table})`)
  const keys = columns
    .filter(({ pk }) => pk > 0)
    .toSorted((a, b) => a.pk - b.pk)
    .map(({ name }) => quoteName(name))
  // With all three names taken there is no rowid to read: then NULL keys are one row.
  const rowid = rowidName(columns.map(({ name }) => name)) ?? "''"
  if (keys.length === 0) return `('rowid ' || ${rowid})`
  const key = keys.map((name) => `(${exactly(name)})`).join(" || ', ' || ")
  const options = await tx.query<{ wr: number }>(sql`SELECT wr FROM pragma_table_list(${table}) WHERE schema = 'main'`)
  if (Number(options[0]?.wr) === 1) return `(${key})`
  // A primary key that is not an integer may hold NULL, any number of times.
  return `(CASE WHEN ${keys.map((name) => `${name} IS NULL`).join(' OR ')} THEN 'rowid ' || ${rowid} ELSE ${key} END)`
}

/** A value as text that no other value has. quote() ends a text at its first NUL. */
export function exactly(expression: string): string {
  return `CASE WHEN typeof(${expression}) = 'text' THEN 'text ' || hex(${expression}) ELSE quote(${expression}) END`
}
