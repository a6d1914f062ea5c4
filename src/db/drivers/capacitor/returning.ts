import { nameOf, type Token } from '../../sql-text/tokenize.ts'
import { cellExpression } from './cells.ts'
import { items } from './result-columns.ts'
import type { KnownSchema } from './schema.ts'
import { returningIndex, statementKind } from './statement-kind.ts'

/** A write whose RETURNING gives cells that come over the bridge whole. */
export interface ReturningStatement {
  readonly text: string
  readonly columns: readonly string[]
}

/**
 * A write cannot stand inside a SELECT, so its RETURNING list is rewritten itself, and the columns' names are worked out
 * here: the alias, the column's own name, or the text.
 *
 * @returns `undefined` where a `*` stands for the columns of a table that is not known
 */
export function returningCells(text: string, schema: KnownSchema): ReturningStatement | undefined {
  const { tokens, verb } = statementKind(text)
  const at = returningIndex(tokens)
  const start = tokens[at]
  const last = tokens.at(-1)
  if (!start || !last) return undefined
  const table = schema.tables.get(targetOf(verb, tokens).toLowerCase())
  const columns: { name: string; expression: string }[] = []
  for (const item of items(tokens.slice(at + 1))) {
    if (item.length === 1 && item[0]?.text === '*') {
      if (!table) return undefined
      for (const name of table.columns) columns.push({ name, expression: `"${name.replaceAll('"', '""')}"` })
    } else columns.push(namedItem(text, item, table?.columns ?? []))
  }
  const cells = columns.map(({ expression }, index) => `${cellExpression(expression)} AS "selfsame#${index}"`)
  return {
    text: `${text.slice(0, start.start)}RETURNING ${cells.join(', ')}`,
    columns: columns.map(({ name }) => name),
  }
}

function namedItem(
  text: string,
  item: readonly Token[],
  columns: readonly string[],
): { name: string; expression: string } {
  const spanOf = (tokens: readonly Token[]) => {
    const [first, last] = [tokens[0], tokens.at(-1)]
    return first && last ? text.slice(first.start, last.start + last.text.length) : ''
  }
  const beforeAlias = item.at(-2)
  const alias = beforeAlias?.kind === 'word' && beforeAlias.text.toUpperCase() === 'AS' ? item.at(-1) : undefined
  if (alias) return { name: nameOf(alias) ?? alias.text, expression: `(${spanOf(item.slice(0, -2))})` }
  const only = item.length === 1 ? item[0] : undefined
  const plain = only && only.kind !== 'text' ? nameOf(only) : undefined
  const own = columns.find((column) => column.toLowerCase() === plain?.toLowerCase())
  return { name: own ?? plain ?? spanOf(item), expression: `(${spanOf(item)})` }
}

function targetOf(verb: string, tokens: readonly Token[]): string {
  const words = tokens.map(({ text }) => text.toUpperCase())
  const at = verb === 'UPDATE' ? (words[1] === 'OR' ? 3 : 1) : words.indexOf(verb === 'DELETE' ? 'FROM' : 'INTO') + 1
  const token = tokens[tokens[at + 1]?.text === '.' ? at + 2 : at]
  return (token && nameOf(token)) ?? ''
}
