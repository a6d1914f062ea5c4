import type { Queryable } from '../../database.ts'
import type { CreateTable } from '../../sql-text/create-table.ts'
import { sameName } from '../../sql-text/names.ts'
import { isCode, nameOf, tokenize, type Token } from '../../sql-text/tokenize.ts'
import { readForeignKeys } from '../schema/read-foreign-keys.ts'
import type { SchemaObject, TableInventory } from './inventory.ts'

/**
 * What still needs a column that the new definition leaves out, where SQLite would not say so: foreign keys to it, a
 * trigger on its update, and text that has it in double quotes, which many builds would then take for a string
 * (sqlite.org/quirks.html §8). Anything else that needs it fails to compile, and is found by that.
 */
export async function needsLostColumn(
  tx: Pick<Queryable, 'query'>,
  old: TableInventory,
  target: CreateTable,
  indexes: readonly SchemaObject[],
): Promise<string[]> {
  const lost = old.columns.filter((column) => !target.columns.some(({ name }) => sameName(name, column)))
  if (lost.length === 0) return []
  const isLost = (name: string | undefined) => name !== undefined && lost.some((column) => sameName(column, name))
  const referring = (await readForeignKeys(tx)).filter(
    ({ table, parent, parentColumns }) =>
      sameName(parent, old.table) && !sameName(table, old.table) && parentColumns.some(isLost),
  )
  const texts = await tx.query<{ type: string; name: string; sql: string }>({
    text: "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
  })
  const quoted = texts.filter(({ sql }) => {
    const tokens = tokenize(sql)
    const named = tokens.some((token) => sameName(nameOf(token) ?? '', old.table))
    return named && tokens.some((token) => token.text.startsWith('"') && isLost(nameOf(token)))
  })
  const watching = old.triggers.filter(({ sql }) => updatedColumns(sql).some(isLost))
  return [
    ...referring.map(({ table }) => `a foreign key of ${table}`),
    ...indexes.filter(({ sql }) => indexedNames(sql).some(isLost)).map(({ name }) => `the index ${name}`),
    ...new Set(
      [...quoted, ...watching.map(({ name }) => ({ type: 'trigger', name }))].map(
        ({ type, name }) => `the ${type} ${name}`,
      ),
    ),
  ]
}

/** The columns of a trigger's `UPDATE OF`. */
function updatedColumns(sql: string): string[] {
  const tokens = tokenize(sql).filter(isCode)
  const of = tokens.findIndex((token, index) => isWord(token, 'OF') && isWord(tokens[index - 1], 'UPDATE'))
  const on = tokens.findIndex((token, index) => index > of && isWord(token, 'ON'))
  return of < 0 ? [] : tokens.slice(of + 1, on).flatMap((token) => nameOf(token) ?? [])
}

/** What an index names behind its table: columns, and whatever else its expressions say. */
function indexedNames(sql: string): string[] {
  const tokens = tokenize(sql).filter(isCode)
  const on = tokens.findIndex((token) => isWord(token, 'ON'))
  return tokens.slice(on + 2).flatMap((token) => (token.kind === 'text' ? [] : (nameOf(token) ?? [])))
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word
}
