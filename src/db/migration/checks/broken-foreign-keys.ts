import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { failing, type Probe } from './broken-objects.ts'
import { readForeignKeys, type ForeignKey } from '../schema/read-foreign-keys.ts'
import { readIndexes } from '../schema/read-indexes.ts'

/** What a table offers to those that refer to it: its primary key, and every list of columns that is unique. */
interface ParentKeys {
  readonly primary: readonly string[]
  readonly unique: readonly (readonly string[])[]
}

/** A foreign key that nothing can be written through. The parent's name is no part of it: see {@link brokenForeignKeys}. */
export interface BrokenKey {
  readonly table: string
  /** Joined by commas; empty where SQLite does not say which key of the table it is. */
  readonly columns: string
}

/**
 * Foreign keys whose parent is not there, or has no unique key of the columns they refer to. SQLite sees it when a row is
 * written, with foreign keys on, and an empty child table hides it from `foreign_key_check`. One whose text came to name
 * another table, because its parent was renamed away, is the same key as before.
 */
export async function brokenForeignKeys(tx: Queryable): Promise<BrokenKey[]> {
  const keys = await readForeignKeys(tx)
  if (keys.length === 0) return []
  const parents = await readParentKeys(tx)
  const broken = keys.filter((key) => !fits(key, parents.get(foldName(key.parent))))
  const others = new Set(keys.map(({ table }) => table))
  for (const { table } of broken) others.delete(table)
  const mismatched = await failing(tx, [...others].map(mismatchProbe))
  return [
    ...broken.map(({ table, columns }) => ({ table, columns: columns.join(', ') })),
    ...mismatched.map((table) => ({ table, columns: '' })),
  ]
}

function fits({ columns, parentColumns }: ForeignKey, parent: ParentKeys | undefined): boolean {
  if (!parent) return false
  if (parentColumns.length === 0) return parent.primary.length === columns.length
  const wanted = parentColumns.map(foldName).toSorted().join('\n')
  return parent.unique.some((columnsOfKey) => columnsOfKey.map(foldName).toSorted().join('\n') === wanted)
}

async function readParentKeys(tx: Queryable): Promise<Map<string, ParentKeys>> {
  const rows = await tx.query<{ table: string; column: string | null }>(
    sql`SELECT m.name AS "table", x.name AS "column" FROM sqlite_schema AS m
      LEFT JOIN pragma_table_xinfo(m.name) AS x ON x.pk > 0
      WHERE m.type = 'table' AND m.rootpage > 0 ORDER BY m.name, x.pk`,
  )
  const indexes = await readIndexes(tx)
  const found = new Map<string, ParentKeys>()
  for (const [table, ofTable] of Map.groupBy(rows, (row) => row.table)) {
    const primary = ofTable.flatMap(({ column }) => column ?? [])
    // A partial index and one on an expression carry their text; they make nothing a key.
    const unique = (indexes.get(table) ?? [])
      .filter((index) => index.unique && index.sql === null)
      .map((index) => index.keys.map(({ column }) => column ?? ''))
    found.set(foldName(table), { primary, unique: primary.length > 0 ? [...unique, primary] : unique })
  }
  return found
}

let asked = 0

/** Where only SQLite sees what is wrong: an index whose collation is not its column's. Compiling the check shows it. */
function mismatchProbe(table: string): Probe {
  // No text twice: see brokenObjects.
  const text = `EXPLAIN QUERY PLAN PRAGMA foreign_key_check(${quoteName(table)}) -- ${(asked += 1)}`
  return { object: table, text }
}
