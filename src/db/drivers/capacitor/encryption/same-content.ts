import type { Bridge } from '../bridge.ts'
import { quoteText } from '../quote-text.ts'

// What ANALYZE measured may differ with the build. Android makes its own table in whatever it opens.
const compared = `name NOT GLOB 'sqlite_stat[234]' AND tbl_name <> 'android_metadata'`
const schemaRows = (schema: string) => `SELECT type, name, tbl_name, sql FROM ${schema}.sqlite_schema WHERE ${compared}`

const differ = (one: string, other: string) => `EXISTS (${one} EXCEPT ${other}) OR EXISTS (${other} EXCEPT ${one})`

/** Whether nobody has written anything into `main`, no number of a version either. */
export async function isEmpty(bridge: Bridge): Promise<boolean> {
  const numbers =
    '(SELECT user_version FROM pragma_user_version) = 0 AND (SELECT application_id FROM pragma_application_id) = 0'
  return isTrue(bridge, `NOT EXISTS (${schemaRows('main')}) AND ${numbers}`)
}

/** Whether `main` has the schema and the rows of the attached `selfsame_copy`, and no page of it is damaged. */
export async function isSame(bridge: Bridge): Promise<boolean> {
  if (await isTrue(bridge, differ(schemaRows('main'), schemaRows('selfsame_copy')))) return false
  for (const number of ['user_version', 'application_id']) {
    if ((await numberOf(bridge, 'main', number)) !== (await numberOf(bridge, 'selfsame_copy', number))) return false
  }
  const tables = await bridge.query({
    text: `SELECT t.name, t.wr FROM pragma_table_list AS t JOIN selfsame_copy.sqlite_schema AS s USING (name)
      WHERE t.schema = 'selfsame_copy' AND t.type IN ('table', 'shadow') AND ${compared}`,
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
  // SQLite finds the rows of its own tables by name.
  const columns = withoutRowid || name.startsWith('sqlite_') ? '*' : `${await rowidOf(bridge, name)}, *`
  const rows = (schema: string) => `SELECT ${columns} FROM ${schema}.${table}`
  const count = (schema: string) => `(SELECT count(*) FROM ${schema}.${table})`
  return `${differ(rows('main'), rows('selfsame_copy'))} OR ${count('main')} <> ${count('selfsame_copy')}`
}

/** A name of the rowid that no column has taken. */
async function rowidOf(bridge: Bridge, table: string): Promise<string> {
  const { rows } = await bridge.query({
    text: `SELECT lower(name) AS name FROM pragma_table_xinfo(${quoteText(table)}, 'selfsame_copy')`,
    values: [],
  })
  const taken = new Set(rows.map(({ name }) => name))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? 'NULL'
}

async function numberOf(bridge: Bridge, schema: string, pragma: string): Promise<unknown> {
  return Object.values((await bridge.query({ text: `PRAGMA ${schema}.${pragma}`, values: [] })).rows[0] ?? {})[0]
}

async function isTrue(bridge: Bridge, condition: string): Promise<boolean> {
  const { rows } = await bridge.query({ text: `SELECT ${condition} AS answer`, values: [] })
  return rows[0]?.['answer'] === 1
}
