import type { Queryable } from '../../src/db/database.ts'
import { quoteName, sql } from '../../src/db/sql.ts'

/** Everything in a database that a user could miss. */
export interface Snapshot {
  /** Rows by table, each as one text of its values and their types; in an order of their own. */
  readonly tables: Readonly<Record<string, readonly string[]>>
  /** Rows by view; `'broken'` for one that cannot be read. */
  readonly views: Readonly<Record<string, readonly string[] | 'broken'>>
  /** The schema's texts: type, name, table and SQL of every object. */
  readonly schema: readonly string[]
  /** What is stored beside the tables. */
  readonly header: Readonly<Record<string, unknown>>
}

interface SnapshotOptions {
  /** Columns to leave out, as `table.column`, in any case. */
  readonly without?: readonly string[]
}

/** Reads every row of every table and view that is not ours, with types, rowids and hidden columns. */
export async function snapshot(db: Queryable, { without = [] }: SnapshotOptions = {}): Promise<Snapshot> {
  const tables: Record<string, string[]> = {}
  const views: Record<string, string[] | 'broken'> = {}
  const objects = await db.query<{ type: string; name: string; withoutRowid: number }>(sql`
    SELECT type, name, wr AS withoutRowid FROM pragma_table_list
    WHERE schema = 'main' AND type IN ('table', 'view') AND name NOT IN ('sqlite_schema', 'sqlite_sequence')
      AND name NOT GLOB 'selfsame_*' ORDER BY name`)
  for (const { type, name, withoutRowid } of objects) {
    if (type === 'view') views[name] = await readView(db, name)
    else tables[name] = await readRows(db, name, { rowid: withoutRowid === 0, without })
  }
  return { tables, views, schema: await readSchema(db), header: await readHeader(db) }
}

async function readView(db: Queryable, name: string): Promise<string[] | 'broken'> {
  try {
    return await readRows(db, name, { rowid: false, without: [] })
  } catch {
    return 'broken'
  }
}

async function readRows(
  db: Queryable,
  table: string,
  { rowid, without }: { rowid: boolean; without: readonly string[] },
): Promise<string[]> {
  const columns = (await db.query<{ name: string }>(sql`SELECT name FROM pragma_table_xinfo(${table})`)).map(
    ({ name }) => name,
  )
  const taken = new Set(columns.map((name) => name.toLowerCase()))
  const rowidName = rowid ? ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) : undefined
  const left = new Set(without.map((name) => name.toLowerCase()))
  const names = columns.filter((name) => !left.has(`${table}.${name}`.toLowerCase())).toSorted()
  const expressions = [...(rowidName ? [rowidName] : []), ...names.map(quoteName)]
  // hex() of the stored bytes: text that is not UTF-8, or holds a NUL, would come back changed.
  const typed = expressions.map(
    (name) =>
      `typeof(${name}), CASE WHEN typeof(${name}) IN ('text', 'blob') THEN hex(CAST(${name} AS BLOB)) ELSE ${name} END`,
  )
  const [result] = await db.batch([{ text: `SELECT ${typed.join(', ') || 'NULL'} FROM ${quoteName(table)}` }])
  const labels = [...(rowidName ? ['rowid'] : []), ...names]
  return (result?.rows ?? [])
    .map((row) => labels.map((label, index) => `${label}=${row[2 * index]}:${row[2 * index + 1]}`).join(' | '))
    .toSorted()
}

async function readSchema(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ type: string; name: string; table: string; sql: string | null }>(sql`
    SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema
    WHERE name NOT GLOB 'selfsame_*' AND tbl_name NOT GLOB 'selfsame_*'`)
  return rows.map((row) => `${row.type} ${row.name} ON ${row.table}: ${row.sql ?? ''}`).toSorted()
}

async function readHeader(db: Queryable): Promise<Record<string, unknown>> {
  const header: Record<string, unknown> = {}
  for (const pragma of ['encoding', 'user_version', 'application_id', 'auto_vacuum']) {
    header[pragma] = Object.values((await db.queryOne({ text: `PRAGMA ${pragma}` })) ?? {})[0]
  }
  const hasSequence = await db.queryOne(sql`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`)
  const sequence = hasSequence
    ? await db.query(sql`SELECT name, seq FROM sqlite_sequence WHERE name NOT GLOB 'selfsame_*'`)
    : []
  header['sqlite_sequence'] = sequence.map(({ name, seq }) => `${name}=${seq}`).toSorted()
  return header
}
