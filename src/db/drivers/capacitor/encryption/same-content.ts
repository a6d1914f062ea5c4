import type { Bridge } from '../bridge.ts'
import { quoteText } from '../quote-text.ts'

const schemaRows = (schema: string) => `SELECT type, name, tbl_name, sql FROM ${schema}.sqlite_schema`

const differ = (one: string, other: string) => `EXISTS (${one} EXCEPT ${other}) OR EXISTS (${other} EXCEPT ${one})`

export async function isEmpty(bridge: Bridge): Promise<boolean> {
  return !(await isTrue(bridge, `EXISTS (SELECT * FROM main.sqlite_schema)`))
}

/** Whether `main` has the schema and the rows of the attached `source`, and no page of it is damaged. */
export async function isSame(bridge: Bridge): Promise<boolean> {
  if (await isTrue(bridge, differ(schemaRows('main'), schemaRows('source')))) return false
  const tables = await bridge.query({
    text: `SELECT name, wr FROM pragma_table_list WHERE schema = 'source' AND type = 'table' AND name NOT LIKE 'sqlite_schema'`,
    values: [],
  })
  for (const { name, wr } of tables.rows) {
    if (await isTrue(bridge, await tablesDiffer(bridge, String(name), wr === 1))) return false
  }
  // It gives a row for each page that is not what its key and its checksum say.
  return (await bridge.query({ text: 'PRAGMA cipher_integrity_check', values: [] })).rows.length === 0
}

async function tablesDiffer(bridge: Bridge, name: string, withoutRowid: boolean): Promise<string> {
  const table = `"${name.replaceAll('"', '""')}"`
  const columns = withoutRowid ? '*' : `${await rowidOf(bridge, name)}, *`
  const rows = (schema: string) => `SELECT ${columns} FROM ${schema}.${table}`
  const count = (schema: string) => `(SELECT count(*) FROM ${schema}.${table})`
  return `${differ(rows('main'), rows('source'))} OR ${count('main')} <> ${count('source')}`
}

/** A name of the rowid that no column has taken. */
async function rowidOf(bridge: Bridge, table: string): Promise<string> {
  const { rows } = await bridge.query({
    text: `SELECT lower(name) AS name FROM pragma_table_xinfo(${quoteText(table)}, 'source')`,
    values: [],
  })
  const taken = new Set(rows.map(({ name }) => name))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? 'NULL'
}

async function isTrue(bridge: Bridge, condition: string): Promise<boolean> {
  const { rows } = await bridge.query({ text: `SELECT ${condition} AS answer`, values: [] })
  return rows[0]?.['answer'] === 1
}
