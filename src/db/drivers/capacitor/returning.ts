import { parameterPlaces } from '../../parameters.ts'
import { nameOf, type Token } from '../../sql-text/tokenize.ts'
import { cellExpression } from './cells.ts'
import { expressionText, itemName, items } from './result-columns.ts'
import type { KnownSchema } from './schema.ts'
import { returningIndex, statementKind } from './statement-kind.ts'

/** A write whose RETURNING gives cells that come over the bridge whole. */
export interface ReturningStatement {
  readonly text: string
  readonly columns: readonly string[]
  /** Whether an expression was put into a SELECT of its own, where aggregates would be let pass. */
  readonly moved: boolean
}

/**
 * A write cannot stand inside a SELECT, so its RETURNING list is rewritten itself. The columns' names are in the text and the
 * schema; where they leave a doubt, SQLite is asked what a SELECT of the same list would call them.
 */
export async function returningCells(
  text: string,
  schema: KnownSchema,
  namesOfSelect: (select: string) => Promise<readonly string[]>,
): Promise<ReturningStatement | undefined> {
  const { tokens, verb } = statementKind(text)
  const at = returningIndex(tokens)
  const start = tokens[at]
  const end = tokens.at(-1)
  if (!start || !end) return undefined
  const target = targetOf(verb, tokens)
  const own = target.qualified ? undefined : schema.tables.get(target.name.toLowerCase())?.columns
  const ask = (list: string) => namesOfSelect(`SELECT ${list}\nFROM ${spanOf(text, target.tokens)}`)
  const columns: { name: string; expression: string }[] = []
  for (const item of items(tokens.slice(at + 1))) {
    if (item.length === 1 && item[0]?.text === '*') {
      for (const name of own ?? (await ask('*'))) columns.push({ name, expression: `"${name.replaceAll('"', '""')}"` })
    } else
      columns.push(
        plainItem(text, item, own ?? []) ?? askedItem(text, item, (await ask(expressionText(text, item)))[0]),
      )
  }
  const moved = columns.some(({ expression }) => !isName(expression))
  const row = moved ? `"${(own ?? (await ask('*')))[0]?.replaceAll('"', '""')}"` : ''
  const cells = columns.map(({ expression }, index) => `${onceIn(expression, row)} AS "selfsame#${index}"`)
  return {
    text: `${text.slice(0, start.start)}RETURNING ${cells.join(', ')}`,
    columns: columns.map(({ name }) => name),
    moved,
  }
}

function spanOf(text: string, tokens: readonly Token[]): string {
  const [first, last] = [tokens[0], tokens.at(-1)]
  return first && last ? text.slice(first.start, last.start + last.text.length) : ''
}

const isName = (expression: string) => /^"(?:[^"]|"")*"$/.test(expression)

/**
 * The cell of a value that is worked out once for each row: it would stand in the cell several times, and a SELECT that names
 * no column of the row would be run for the first row only.
 */
function onceIn(expression: string, row: string): string {
  if (isName(expression)) return cellExpression(expression)
  const value = `SELECT ${expression} WHERE ${row} IS ${row}`
  return `(WITH selfsame_value (v) AS MATERIALIZED (${value}) SELECT ${cellExpression('v')} FROM selfsame_value)`
}

/** An item's value, with its parameters by number: before it is moved into another text, a `?` counts those before it. */
function valueOf(text: string, item: readonly Token[]): string {
  const [first, last] = [item[0], item.at(-1)]
  if (!first || !last) return ''
  let value = ''
  let at = first.start
  const end = last.start + last.text.length
  for (const place of parameterPlaces(text)) {
    if (place.start < at || place.end > end) continue
    value += `${text.slice(at, place.start)}?${place.value + 1}`
    at = place.end
  }
  return `(${value}${text.slice(at, end)})`
}

function plainItem(text: string, item: readonly Token[], columns: readonly string[]) {
  const before = item.at(-2)
  const alias = before?.kind === 'word' && before.text.toUpperCase() === 'AS' ? item.at(-1) : undefined
  if (alias) return { name: nameOf(alias) ?? alias.text, expression: valueOf(text, item.slice(0, -2)) }
  const columnAt = (path: readonly Token[]) => {
    const word = path.length === 1 && path[0]?.kind !== 'text' ? path[0] : undefined
    const only = word && nameOf(word)?.toLowerCase()
    return columns.find((column) => column.toLowerCase() === only)
  }
  const name = itemName(text, item, columnAt)
  if (name === undefined) return undefined
  const isColumn = columnAt(item) !== undefined
  return { name, expression: isColumn ? `"${name.replaceAll('"', '""')}"` : valueOf(text, item) }
}

/** An item by the name that SQLite gave it: that of an alias without AS is its last word, which is no part of the value. */
function askedItem(text: string, item: readonly Token[], name = '') {
  const last = item.at(-1)
  const aliased = item.length > 1 && item.at(-2)?.text !== '.' && last && nameOf(last) === name
  return { name, expression: valueOf(text, aliased ? item.slice(0, -1) : item) }
}

function targetOf(
  verb: string,
  tokens: readonly Token[],
): { name: string; qualified: boolean; tokens: readonly Token[] } {
  const words = tokens.map(({ text }) => text.toUpperCase())
  const at = verb === 'UPDATE' ? (words[1] === 'OR' ? 3 : 1) : words.indexOf(verb === 'DELETE' ? 'FROM' : 'INTO') + 1
  const qualified = tokens[at + 1]?.text === '.'
  const last = tokens[qualified ? at + 2 : at]
  return {
    name: (last && nameOf(last)) ?? '',
    qualified,
    tokens: tokens.slice(at, qualified ? at + 3 : at + 1),
  }
}
