import type { Queryable } from '../../database.ts'
import { canonicalSql } from '../../sql-text/canonical.ts'

export interface IndexSnapshot {
  /** `null` for the index of a constraint, whose name SQLite makes up. */
  readonly name: string | null
  readonly unique: boolean
  /** `c` made by a statement, `u` by UNIQUE, `pk` by PRIMARY KEY. */
  readonly origin: string
  /** Column (`null` for an expression, `rowid` for the rowid), collation and direction, in order. */
  readonly keys: readonly { readonly column: string | null; readonly collation: string; readonly descending: boolean }[]
  /** The whole statement, where an expression or a WHERE makes it necessary. */
  readonly sql: string | null
}

/** All indexes of all tables by table, in one query. */
export async function readIndexes(tx: Pick<Queryable, 'query'>): Promise<Map<string, IndexSnapshot[]>> {
  const rows = await tx.query({
    text: `SELECT m.name AS "table", l.name, l."unique", l.origin, l.partial, x.cid, x.name AS "column", x.coll, x."desc", i.sql
      FROM sqlite_schema AS m JOIN pragma_index_list(m.name) AS l JOIN pragma_index_xinfo(l.name) AS x
      LEFT JOIN sqlite_schema AS i ON i.type = 'index' AND i.name = l.name
      WHERE m.type = 'table' AND m.rootpage > 0 AND x."key" = 1 ORDER BY m.name, l.name, x.seqno`,
  })
  const found = new Map<string, IndexSnapshot & { table: string; keys: IndexSnapshot['keys'][number][] }>()
  for (const row of rows) {
    const name = String(row.name)
    const index = found.get(name) ?? {
      table: String(row.table),
      name: row.origin === 'c' ? name : null,
      unique: row.unique === 1,
      origin: String(row.origin),
      keys: [],
      sql: row.partial === 1 ? canonicalSql(String(row.sql)) : null,
    }
    const column = row.cid === -1 ? 'rowid' : row.column === null ? null : String(row.column)
    index.keys.push({ column, collation: String(row.coll).toUpperCase(), descending: row.desc === 1 })
    found.set(name, row.cid === -2 ? { ...index, sql: canonicalSql(String(row.sql)) } : index)
  }
  const byTable = new Map<string, IndexSnapshot[]>()
  for (const { table, name, unique, origin, keys, sql } of found.values()) {
    byTable.set(table, [...(byTable.get(table) ?? []), { name, unique, origin, keys, sql }].toSorted(byText))
  }
  return byTable
}

// Which of two UNIQUE constraints was written first changes nothing.
function byText(one: IndexSnapshot, other: IndexSnapshot): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
