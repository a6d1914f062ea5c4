import type { Queryable } from '../../database.ts'
import { canonicalSql } from '../../sql-text/canonical.ts'
import { parseCreateTable } from '../../sql-text/create-table.ts'
import { DataLayerError } from '../../../errors/index.ts'
import { readForeignKeys, type ForeignKey } from './read-foreign-keys.ts'
import { readIndexes, type IndexSnapshot } from './read-indexes.ts'
import { unseenClauses } from './unseen-clauses.ts'

export interface ColumnSnapshot {
  readonly name: string
  /** As declared, in capitals. */
  readonly type: string
  readonly notNull: boolean
  /** SQL text, as in the definition. */
  readonly defaultValue: string | null
  /** Its place in the primary key, from 1; 0 when it is not in it. */
  readonly primaryKey: number
  readonly generated: 'no' | 'virtual' | 'stored'
}

export interface TableSnapshot {
  readonly name: string
  readonly columns: readonly ColumnSnapshot[]
  readonly indexes: readonly IndexSnapshot[]
  readonly foreignKeys: readonly Omit<ForeignKey, 'table' | 'fkid'>[]
  /** What no pragma shows: checks, collations, generated values, ON CONFLICT, deferred keys; else the whole text. */
  readonly clauses: readonly string[]
  readonly withoutRowid: boolean
  readonly strict: boolean
  readonly autoincrement: boolean
}

/** A view, a trigger or a virtual table: its text says it all. */
export interface TextSnapshot {
  readonly type: string
  readonly name: string
  readonly sql: string
}

/** A schema as it means, not as it is written: the same for databases that came to it by different ways. */
export interface SchemaSnapshot {
  readonly tables: readonly TableSnapshot[]
  readonly others: readonly TextSnapshot[]
}

export interface SnapshotOptions {
  /** Whether the library's own tables (`selfsame_…`) are in it; they are not unless said. */
  readonly own?: boolean
}

/** Reads the schema in four queries, however large it is. SQLite's own tables are left out. */
export async function readSnapshot(
  tx: Pick<Queryable, 'query'>,
  { own = false }: SnapshotOptions = {},
): Promise<SchemaSnapshot> {
  const objects = await tx.query<{ type: string; name: string; tbl_name: string; sql: string; rootpage: number }>({
    text: "SELECT type, name, tbl_name, sql, rootpage FROM sqlite_schema WHERE type <> 'index' ORDER BY name, type",
  })
  const columns = await readColumns(tx)
  const indexes = await readIndexes(tx)
  const foreignKeys = await readForeignKeys(tx)
  const wanted = objects.filter(
    ({ tbl_name: table }) => !/^sqlite_/i.test(table) && (own || !/^selfsame_/i.test(table)),
  )
  const tables = wanted.filter(({ type, rootpage }) => type === 'table' && rootpage > 0)
  return {
    tables: tables.map(({ name, sql }) => ({
      name,
      columns: columns.get(name) ?? [],
      indexes: indexes.get(name) ?? [],
      foreignKeys: foreignKeys
        .filter(({ table }) => table === name)
        .map(declaration)
        .toSorted(byText),
      ...fromText(sql),
    })),
    others: wanted
      .filter((object) => !tables.includes(object))
      .map(({ type, name, sql }) => ({
        type: type === 'table' ? 'virtual table' : type,
        name,
        sql: canonicalSql(sql),
      })),
  }
}

async function readColumns(tx: Pick<Queryable, 'query'>): Promise<Map<string, ColumnSnapshot[]>> {
  const rows = await tx.query({
    text: `SELECT m.name AS "table", x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
      FROM sqlite_schema AS m JOIN pragma_table_xinfo(m.name) AS x
      WHERE m.type = 'table' AND m.rootpage > 0 ORDER BY m.name, x.cid`,
  })
  const columns = new Map<string, ColumnSnapshot[]>()
  for (const row of rows) {
    const table = String(row.table)
    columns.set(table, columns.get(table) ?? [])
    columns.get(table)?.push({
      name: String(row.name),
      type: canonicalSql(String(row.type)).toUpperCase(),
      notNull: row.notnull === 1,
      defaultValue: row.dflt_value === null ? null : canonicalSql(String(row.dflt_value)),
      primaryKey: Number(row.pk),
      generated: row.hidden === 2 ? 'virtual' : row.hidden === 3 ? 'stored' : 'no',
    })
  }
  return columns
}

function declaration({
  columns,
  parent,
  parentColumns,
  onUpdate,
  onDelete,
}: ForeignKey): Omit<ForeignKey, 'table' | 'fkid'> {
  return { columns, parent, parentColumns, onUpdate, onDelete }
}

function fromText(sql: string): Pick<TableSnapshot, 'clauses' | 'withoutRowid' | 'strict' | 'autoincrement'> {
  try {
    const table = parseCreateTable(sql)
    const { withoutRowid, strict, autoincrement } = table
    return { clauses: unseenClauses(table), withoutRowid, strict, autoincrement }
  } catch (error) {
    // What cannot be taken apart is compared whole: a difference may then be one of spelling, and none goes unseen.
    if (!(error instanceof DataLayerError) || error.code !== 'unsupported') throw error
    return { clauses: [canonicalSql(sql)], withoutRowid: false, strict: false, autoincrement: false }
  }
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
