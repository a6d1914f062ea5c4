import { DataLayerError } from '../../../errors/index.ts'
import { isCode, tokenize } from '../../sql-text/tokenize.ts'
import type { Bridge } from './bridge.ts'
import { decodeBare } from './cells.ts'

/** A table as far as a statement's effects depend on it. */
export interface KnownTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly hasRowid: boolean
  /** Whether ON CONFLICT REPLACE may stand in the table itself. */
  readonly replaces: boolean
  /** What its triggers wait for: `INSERT`, `UPDATE`, `DELETE`. */
  readonly triggers: ReadonlySet<string>
  /** Whether a foreign key of another table, or its own, does something when a row of it goes or changes. */
  readonly cascades: boolean
}

/** What the driver knows of a database without asking again. */
export interface KnownSchema {
  readonly foreignKeys: boolean
  /** By name in small letters. Views, virtual tables and what a temporary table hides are not among them. */
  readonly tables: ReadonlyMap<string, KnownTable>
  /** The table that owns a root page, by `database:page`. */
  readonly pages: ReadonlyMap<string, string>
}

// In small letters, because of PRAGMA case_sensitive_like. A virtual table whose module is missing, and a view whose table is, fail when they are asked for their columns.
const plainTable = `type = 'table' AND lower(sql) NOT LIKE 'create virtual%'`
const text = `
  SELECT 'state' AS kind, foreign_keys AS a, NULL AS b, NULL AS c FROM pragma_foreign_keys
  UNION ALL SELECT 'page', rootpage, tbl_name, NULL FROM sqlite_schema WHERE rootpage > 0
  UNION ALL SELECT 'replaces', name, NULL, NULL FROM sqlite_schema WHERE type = 'table' AND lower(sql) LIKE '%conflict%replace%'
  UNION ALL SELECT 'trigger', tbl_name, sql, NULL FROM sqlite_schema WHERE type = 'trigger'
  UNION ALL SELECT 'trigger', tbl_name, sql, NULL FROM sqlite_temp_schema WHERE type = 'trigger'
  UNION ALL SELECT 'temporary', name, NULL, NULL FROM sqlite_temp_schema WHERE type IN ('table', 'view')
  UNION ALL SELECT 'table', name, wr, NULL FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
  UNION ALL SELECT 'column', t.name, c.name, c.hidden FROM (SELECT name FROM sqlite_schema WHERE ${plainTable}) AS t, pragma_table_xinfo(t.name) AS c
  UNION ALL SELECT 'parent', k."table", NULL, NULL FROM (SELECT name FROM sqlite_schema WHERE ${plainTable}) AS t, pragma_foreign_key_list(t.name) AS k
    WHERE k.on_update NOT IN ('NO ACTION', 'RESTRICT') OR k.on_delete NOT IN ('NO ACTION', 'RESTRICT')`

/**
 * Reads the schema, in one call.
 *
 * @throws {DataLayerError} `unsupported` for a schema in which the plugin itself would turn every DELETE into an UPDATE
 */
export async function readSchema(bridge: Bridge): Promise<KnownSchema> {
  const { rows } = await bridge.query({ text, values: [] })
  const found = rows.map(({ kind, a, b, c }) => ({ kind, a: String(a), b: decodeBare(b), c }))
  const of = (wanted: string) => found.filter(({ kind }) => kind === wanted)
  const columns = of('column')
  refuseSoftDelete(columns.map(({ b }) => String(b)))
  const parents = new Set(of('parent').map(({ a }) => a.toLowerCase()))
  const replacing = new Set(of('replaces').map(({ a }) => a.toLowerCase()))
  const hidden = new Set(of('temporary').map(({ a }) => a.toLowerCase()))
  const tables = of('table').map(({ a: name, b: withoutRowid }): KnownTable => {
    const same = (other: string) => other.toLowerCase() === name.toLowerCase()
    return {
      name,
      // 1 is a hidden column of a virtual table; 2 and 3 are generated ones, which SELECT * gives.
      columns: columns.filter(({ a, c }) => same(a) && c !== 1).map(({ b }) => String(b)),
      hasRowid: withoutRowid === 0,
      replaces: replacing.has(name.toLowerCase()),
      triggers: new Set(
        of('trigger')
          .filter(({ a }) => same(a))
          .flatMap(({ b }) => triggerEvent(String(b))),
      ),
      cascades: parents.has(name.toLowerCase()),
    }
  })
  return {
    foreignKeys: of('state')[0]?.a === '1',
    tables: new Map(
      tables
        .filter(({ name, columns: own }) => own.length > 0 && !hidden.has(name.toLowerCase()))
        .map((table) => [table.name.toLowerCase(), table]),
    ),
    pages: new Map(of('page').map(({ a, b }) => [`0:${a}`, String(b)])),
  }
}

/**
 * With such columns the plugin turns the DELETEs of every table into UPDATEs (UtilsJson.isLastModified, isSqlDeleted). Ours
 * pass it by, but whatever else in the app uses the plugin on this database would no longer delete.
 */
function refuseSoftDelete(columns: readonly string[]): void {
  if (!columns.includes('last_modified') || !columns.includes('sql_deleted')) return
  throw new DataLayerError(
    'unsupported',
    'The schema has columns called last_modified and sql_deleted. With both, @capacitor-community/sqlite turns DELETE into an UPDATE on every table. Rename one of them.',
    { details: { columns: ['last_modified', 'sql_deleted'] } },
  )
}

const events = ['INSERT', 'UPDATE', 'DELETE']

function triggerEvent(sql: string): string[] {
  const words = tokenize(sql)
    .filter(isCode)
    .map((token) => (token.kind === 'word' ? token.text.toUpperCase() : ''))
  // Behind the name, which may be a word like these, comes BEFORE, AFTER, INSTEAD OF or nothing.
  const event = words.slice(words.indexOf('TRIGGER') + 2).find((word) => events.includes(word))
  return event ? [event] : events
}
