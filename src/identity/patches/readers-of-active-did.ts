import type { Queryable } from '../../db/database.ts'
import { repeatableIdentity } from '../../db/migration/define-component.ts'
import { sql } from '../../db/sql.ts'
import { removeColumn } from '../../db/sql-text/edit-table.ts'
import { sameName } from '../../db/sql-text/names.ts'
import { isCode, nameOf, tokenize, type Token } from '../../db/sql-text/tokenize.ts'
import { DataLayerError } from '../../errors/index.ts'

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string
  [column: string]: string
}

/**
 * What in the database still reads `settings.activeDid`, one sentence each. It errs on the side of waiting: a view that is
 * wrongly taken for a reader delays a clean-up, one that is missed breaks the app.
 */
export async function readersOfActiveDid(tx: Queryable, repeatables: readonly string[]): Promise<string[]> {
  const present = await tx.query<SchemaObject>(
    sql`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid`,
  )
  // The app's own views and triggers have the text that they are about to get, not the one they have.
  const wanted = repeatables.map(asObject)
  const objects = [...present.filter((object) => !wanted.some((one) => sameName(one.name, object.name))), ...wanted]
  const settings = objects.find(({ type, name }) => type === 'table' && sameName(name, 'settings'))
  if (!settings || !(await hasColumn(tx))) return []
  const gone = new Set((await indexesOnActiveDid(tx)).map(({ name }) => name))
  return [
    ...tableReasons(settings.sql),
    ...objects
      .filter(({ type, tbl_name, name }) => type === 'index' && sameName(tbl_name, 'settings') && !gone.has(name))
      .filter((index) => mentions(tokens(index.sql), 'activeDid'))
      .map(({ name }) => `the index ${name} covers settings.activeDid together with something else`),
    ...objects
      .filter(({ type, name }) => (type === 'view' || type === 'trigger') && !name.startsWith('selfsame_'))
      .filter(readsColumn)
      .map(({ type, name }) => `the ${type} ${name} reads settings.activeDid`),
    ...(await referenceReasons(tx)),
  ]
}

function asObject(text: string): SchemaObject {
  const { kind, name } = repeatableIdentity('identity', text)
  const code = tokens(text)
  // CREATE TRIGGER … ON table: the first ON stands before anything that could hold another.
  const on =
    kind === 'trigger' ? code.findIndex((token) => token.kind === 'word' && token.text.toUpperCase() === 'ON') : -1
  const table = code[on + 2]?.text === '.' ? code[on + 3] : code[on + 1]
  return { type: kind, name, tbl_name: on < 0 || !table ? name : (nameOf(table) ?? name), sql: text }
}

/** Indexes on that column and nothing else: they go with it. */
export async function indexesOnActiveDid(tx: Pick<Queryable, 'query'>): Promise<{ name: string; sql: string }[]> {
  return tx.query<{ name: string; sql: string }>(
    sql`SELECT s.name AS name, s.sql AS sql FROM sqlite_schema s JOIN pragma_index_list(s.tbl_name) l ON l.name = s.name
      WHERE s.type = 'index' AND s.sql IS NOT NULL AND lower(s.tbl_name) = 'settings' AND l.partial = 0
        AND (SELECT count(*) FROM pragma_index_info(s.name)) = 1
        AND (SELECT lower(name) FROM pragma_index_info(s.name)) = 'activedid' ORDER BY s.rowid`,
  )
}

async function hasColumn(tx: Queryable): Promise<boolean> {
  return (
    (await tx.queryOne(sql`SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid'`)) !== undefined
  )
}

/** The table's own constraints, found by trying: the edit refuses what would change their meaning. */
function tableReasons(text: string): string[] {
  try {
    removeColumn(text, 'activeDid')
  } catch (error) {
    if (!(error instanceof DataLayerError)) throw error
    return [`the table settings itself needs it: ${error.message}`]
  }
  // A CHECK inside the column's own definition is a rule of the user's too, though it would vanish without a trace.
  const code = tokens(text)
  const at = code.findIndex((token) => sameName(nameOf(token) ?? '', 'activeDid'))
  let depth = 0
  for (const token of code.slice(at)) {
    if (token.text === '(') depth += 1
    else if (token.text === ')') depth -= 1
    else if (depth === 0 && token.text === ',') break
    else if (depth === 0 && token.text.toUpperCase() === 'CHECK') return ['a CHECK of settings.activeDid reads it']
    if (depth < 0) break
  }
  return []
}

async function referenceReasons(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    sql`SELECT DISTINCT s.name AS name FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
      WHERE s.type = 'table' AND lower(f."table") = 'settings' AND lower(f."to") = 'activedid'`,
  )
  return rows.map(({ name }) => `the table ${name} refers to settings.activeDid`)
}

function readsColumn(object: SchemaObject): boolean {
  const code = tokens(object.sql)
  const isOnSettings = object.type === 'trigger' && sameName(object.tbl_name, 'settings')
  if (!isOnSettings && !mentions(code, 'settings')) return false
  if (code.some((token, index) => isActiveDid(token) && !isOfAnotherTable(code, index))) return true
  if (!mentions(code, 'settings')) return false
  return code.some((token, index) => isStar(code, index) || isNatural(token) || isInsertByPlace(code, index))
}

function isActiveDid(token: Token): boolean {
  return sameName(nameOf(token) ?? '', 'activeDid')
}

function isOfAnotherTable(code: readonly Token[], index: number): boolean {
  const qualifier =
    code[index - 1]?.text === '.' ? nameOf(code[index - 2] ?? { kind: 'punctuation', text: '', start: 0 }) : undefined
  return qualifier !== undefined && sameName(qualifier, 'active_identity')
}

// `*` hands the column on without naming it; `count(*)` and a product do not.
function isStar(code: readonly Token[], index: number): boolean {
  const before = code[index - 1]?.text.toUpperCase() ?? ''
  return code[index]?.text === '*' && ['SELECT', 'DISTINCT', 'ALL', ',', '.'].includes(before)
}

// Compares every column that both tables have.
function isNatural({ kind, text }: Token): boolean {
  return kind === 'word' && text.toUpperCase() === 'NATURAL'
}

// Without a list of columns, a value goes to each column by its place.
function isInsertByPlace(code: readonly Token[], index: number): boolean {
  const [into, table, next] = code.slice(index, index + 3)
  if (into?.text.toUpperCase() !== 'INTO' || !sameName((table && nameOf(table)) ?? '', 'settings')) return false
  return next?.text !== '('
}

function tokens(text: string): Token[] {
  return tokenize(text).filter(isCode)
}

function mentions(code: readonly Token[], name: string): boolean {
  return code.some((token) => sameName(nameOf(token) ?? '', name))
}
