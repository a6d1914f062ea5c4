import type { Queryable } from '../../database.ts'

/** A foreign key as the schema declares it. */
export interface ForeignKey {
  readonly table: string
  readonly fkid: number
  readonly columns: readonly string[]
  readonly parent: string
  /** Empty where the text names none: then the parent's primary key is meant. */
  readonly parentColumns: readonly string[]
  readonly onUpdate: string
  readonly onDelete: string
}

/** All foreign keys of all tables, in one query. */
export async function readForeignKeys(tx: Pick<Queryable, 'query'>): Promise<ForeignKey[]> {
  // A virtual table has none, and asking about one whose module is not loaded is an error.
  const rows = await tx.query({
    text: `SELECT m.name AS child, f.id, f."table" AS parent, f."from" AS child_column, f."to" AS parent_column, f.on_update, f.on_delete
      FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f
      WHERE m.type = 'table' AND m.rootpage > 0 ORDER BY m.name, f.id, f.seq`,
  })
  const keys = new Map<string, ForeignKey & { columns: string[]; parentColumns: string[] }>()
  for (const row of rows) {
    const id = JSON.stringify([row.child, row.id])
    const key = keys.get(id) ?? {
      table: String(row.child),
      fkid: Number(row.id),
      columns: [],
      parent: String(row.parent),
      parentColumns: [],
      onUpdate: String(row.on_update),
      onDelete: String(row.on_delete),
    }
    keys.set(id, key)
    key.columns.push(String(row.child_column))
    if (row.parent_column !== null) key.parentColumns.push(String(row.parent_column))
  }
  return [...keys.values()]
}
