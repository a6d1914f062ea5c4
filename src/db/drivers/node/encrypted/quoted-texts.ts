import { DataLayerError } from '../../../../errors/index.ts'
import type { EngineDatabase } from '../engine.ts'

// This build takes what stands in double quotes for a name (SQLITE_DQS=0), and its package has no switch for it.
const quotedText = /no such column: (".*") - should this be a string literal/

/**
 * Compiles the views and triggers of an attached database: a copy takes them as they are, and an app that wrote to such a
 * table would fail ever after.
 *
 * @throws {DataLayerError} `unsupported` for one with a text in double quotes
 */
export function mustHaveNoQuotedTexts(database: EngineDatabase, schema: string): void {
  const names = (where: string) =>
    (
      database.prepare(`SELECT DISTINCT tbl_name AS name FROM ${schema}.sqlite_schema WHERE ${where}`).all() as {
        name: string
      }[]
    ).map(({ name }) => name)
  for (const view of names(`type = 'view'`)) compile(database, `SELECT * FROM ${schema}.${quoted(view)}`)
  for (const name of names(`type = 'trigger'`)) {
    const columns = database.prepare(`SELECT name FROM pragma_table_info(${literal(name)}, '${schema}')`).all() as {
      name: string
    }[]
    const table = `${schema}.${quoted(name)}`
    const all = columns.map((column) => `${quoted(column.name)} = ${quoted(column.name)}`).join(', ')
    for (const text of [`INSERT INTO ${table} DEFAULT VALUES`, `UPDATE ${table} SET ${all}`, `DELETE FROM ${table}`])
      compile(database, text)
  }
}

/** What an error says of a text in double quotes, as one that says what to do; any other as it is. */
export function toldOfQuotedText(error: unknown): unknown {
  const [, text] = (error instanceof Error && quotedText.exec(error.message)) || []
  if (text === undefined) return error
  return new DataLayerError(
    'unsupported',
    `The schema has the text ${text} in double quotes, which the SQLite that encrypts takes for a name. The database was left as ` +
      'it is: put the text in single quotes by a patch, then encrypt.',
    { cause: error },
  )
}

/** What else is wrong with it was so before. */
function compile(database: EngineDatabase, text: string): void {
  try {
    database.prepare(text)
  } catch (error) {
    const told = toldOfQuotedText(error)
    if (told !== error) throw told
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
