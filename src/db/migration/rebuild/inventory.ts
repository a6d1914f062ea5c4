import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'

/** An index or a trigger, with the statement that makes it. */
export interface SchemaObject {
  readonly name: string
  readonly sql: string
}

/** A table as it stands, with everything that would go with it if it were dropped. */
export interface TableInventory {
  /** Its name as the schema spells it. */
  readonly table: string
  readonly sql: string
  readonly withoutRowid: boolean
  /** All columns, generated ones included. */
  readonly columns: readonly string[]
  /** Indexes made by a statement, oldest first; those of constraints come with the table. */
  readonly indexes: readonly SchemaObject[]
  /** Its own triggers, oldest first. */
  readonly triggers: readonly SchemaObject[]
}

/**
 * Reads what belongs to a table.
 *
 * @throws {DataLayerError} `unsupported` for a view, a virtual table or one of SQLite's own, a table that is not there, and
 * one with TEMP triggers, which the schema's text cannot bring back
 */
export async function inventory(tx: Queryable, table: string): Promise<TableInventory> {
  const [objects, kinds, columns, temporary] = await tx.batch([
    {
      text: 'SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE ORDER BY rowid',
      params: [table],
    },
    { text: "SELECT type, wr FROM pragma_table_list(?) WHERE schema = 'main'", params: [table] },
    { text: "SELECT name FROM pragma_table_xinfo(?, 'main') ORDER BY cid", params: [table] },
    {
      text: `SELECT name FROM sqlite_temp_schema
        WHERE (type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE) OR name = ?1 COLLATE NOCASE`,
      params: [table],
    },
  ])
  const found = (objects?.rows ?? []).map(([type, name, sql]) => ({
    type,
    name: String(name),
    sql: sql === null ? null : String(sql),
  }))
  const self = found.find(({ type }) => type === 'table')
  const [kind, withoutRowid] = kinds?.rows[0] ?? []
  if (!self?.sql || kind !== 'table' || self.name.startsWith('sqlite_')) {
    throw new DataLayerError('unsupported', `There is no table ${table} that could be changed.`, { details: { table } })
  }
  if (temporary?.rows.length) {
    throw new DataLayerError(
      'unsupported',
      `Table ${self.name} has TEMP triggers, or a TEMP table hides it; drop them first.`,
      {
        details: { table },
      },
    )
  }
  const named = (wanted: string) =>
    found.flatMap(({ type, name, sql }) => (type === wanted && sql !== null ? [{ name, sql }] : []))
  return {
    table: self.name,
    sql: self.sql,
    withoutRowid: withoutRowid === 1,
    columns: (columns?.rows ?? []).map(([name]) => String(name)),
    indexes: named('index'),
    triggers: named('trigger'),
  }
}
