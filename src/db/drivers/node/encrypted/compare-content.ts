import { DataLayerError } from '../../../../errors/index.ts'
import type { EngineDatabase } from '../engine.ts'

/**
 * Holds every table of one attached database against the same of another: the schema's texts, and each row with its rowid.
 *
 * @throws {DataLayerError} `backup-failed` where they differ
 */
export function mustBeSame(database: EngineDatabase, one: string, other: string): void {
  const schema = (name: string) =>
    `SELECT type, name, tbl_name, sql FROM ${name}.sqlite_schema ORDER BY type, name, tbl_name`
  mustMatch(rowsOf(database, schema(one)), rowsOf(database, schema(other)))
  for (const pragma of ['user_version', 'application_id', 'encoding'])
    mustMatch(rowsOf(database, `PRAGMA ${one}.${pragma}`), rowsOf(database, `PRAGMA ${other}.${pragma}`))
  const tables = rowsOf(database, `SELECT name, wr FROM pragma_table_list WHERE schema = '${one}' AND type = 'table'`)
  for (const [name, withoutRowid] of tables as [string, bigint][]) {
    if (/^sqlite_(temp_)?(schema|stat)/.test(name)) continue
    const table = `"${name.replaceAll('"', '""')}"`
    const columns = withoutRowid === 1n ? '*' : `${rowidOf(database, one, name)}, *`
    const select = (schemaName: string) => `SELECT ${columns} FROM ${schemaName}.${table}`
    const [difference] = rowsOf(
      database,
      `SELECT EXISTS (${select(one)} EXCEPT ${select(other)}) OR EXISTS (${select(other)} EXCEPT ${select(one)})
        OR (SELECT count(*) FROM ${one}.${table}) <> (SELECT count(*) FROM ${other}.${table})`,
    )
    mustMatch([difference?.[0]], [0n])
  }
}

/** A name of the rowid that no column of the table has taken. */
function rowidOf(database: EngineDatabase, schema: string, table: string): string {
  const columns = rowsOf(
    database,
    `SELECT lower(name) FROM pragma_table_xinfo('${table.replaceAll("'", "''")}', '${schema}')`,
  )
  const taken = new Set(columns.map(([name]) => name))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? 'NULL'
}

function rowsOf(database: EngineDatabase, text: string): unknown[][] {
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  return statement.all() as unknown[][]
}

function mustMatch(one: unknown, other: unknown): void {
  const asText = (value: unknown) =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each))
  if (asText(one) !== asText(other))
    throw new DataLayerError(
      'backup-failed',
      'The encrypted copy differs from the database, and was not put in its place.',
    )
}
