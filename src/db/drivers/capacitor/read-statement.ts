import { replaceParameters } from '../../replace-parameters.ts'
import { splitStatements } from '../../sql-text/split.ts'
import { nameOf, type Token } from '../../sql-text/tokenize.ts'
import type { Bridge } from './bridge.ts'
import { cellExpression } from './cells.ts'
import type { KnownSchema } from './schema.ts'
import { atDepthZero, statementKind } from './statement-kind.ts'

const cellAlias = (index: number) => `selfsame#${index}`

/** How many columns the text seems to have. SQLite says so when it is wrong, so it may be. */
export function guessColumns(text: string, schema: KnownSchema): number {
  const { tokens, verb } = statementKind(text)
  const outer = atDepthZero(tokens)
  const isWord = (token: Token | undefined, word: string) => token?.kind === 'word' && token.text.toUpperCase() === word
  if (verb === 'VALUES')
    return (
      tokens.slice(
        2,
        tokens.findIndex(({ text: mark }) => mark === ')'),
      ).length /
        2 +
        0.5 || 1
    )
  const from = outer.findIndex(({ token }) => isWord(token, 'FROM'))
  const items = outer.slice(1, from < 0 ? undefined : from)
  const sources = from < 0 ? [] : namedSources(outer.slice(from + 1).map(({ token }) => token))
  const widthOf = (source: string) =>
    schema.tables.get((sources.find(({ alias }) => alias === source)?.name ?? '').toLowerCase())?.columns.length ?? 1
  let count = 1
  items.forEach(({ token }, at) => {
    if (token?.text === ',') count += 1
    const previous = items[at - 1]?.token
    if (token?.text !== '*') return
    if (previous === undefined || previous.text === ',' || isWord(previous, 'DISTINCT')) {
      count += sources.reduce((sum, { alias }) => sum + widthOf(alias), 0) - 1
    } else if (previous.text === '.') {
      const owner = items[at - 2]?.token
      count += widthOf((owner && nameOf(owner))?.toLowerCase() ?? '') - 1
    }
  })
  return Math.max(1, Math.round(count))
}

/** The tables of a FROM clause by the names they go by. */
function namedSources(tokens: readonly (Token | undefined)[]): { name: string; alias: string }[] {
  const sources: { name: string; alias: string }[] = []
  const ends = /^(?:WHERE|GROUP|ORDER|LIMIT|WINDOW|UNION|EXCEPT|INTERSECT|HAVING)$/i
  const notAlias = /^(?:ON|USING|JOIN|LEFT|INNER|CROSS|NATURAL|RIGHT|FULL|OUTER|INDEXED|NOT)$/i
  let expects = true
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token?.kind === 'word' && ends.test(token.text)) break
    if (token?.text === ',' || (token?.kind === 'word' && token.text.toUpperCase() === 'JOIN')) expects = true
    else if (expects && token && nameOf(token) !== undefined && !notAlias.test(token.text)) {
      const name = nameOf(token) ?? ''
      const next = tokens[at + 1]
      const given = next?.kind === 'word' && next.text.toUpperCase() === 'AS' ? tokens[at + 2] : next
      const alias = given && !notAlias.test(given.text) && !ends.test(given.text) ? nameOf(given) : undefined
      sources.push({ name, alias: (alias ?? name).toLowerCase() })
      expects = false
    }
  }
  return sources
}

/**
 * A SELECT made into one whose cells come over the bridge whole, and that says beside them which name stands at which
 * place: the plugin gives rows as objects, so that of two columns with one name one is lost, of no rows there are no names,
 * and a name that is a number goes before the others. SQLite makes the names of a subquery's columns different.
 *
 * @param beside a column more, named `selfsame#` and something
 */
export function describingText(text: string, columns: number, beside?: string): string {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`)
  const cells = names.map((name, index) => `${cellExpression(name)} AS "${cellAlias(index)}"`)
  return `WITH selfsame_names AS MATERIALIZED (SELECT * FROM (${single(text)}
) LIMIT -1), selfsame_cells (${names.join(', ')}) AS (SELECT * FROM selfsame_names)
SELECT ${beside ? `${beside}, ` : ''}n.*, v.* FROM (SELECT * FROM selfsame_names WHERE 0 UNION ALL SELECT ${names.map((_, index) => index).join(', ')}) AS n
LEFT JOIN (SELECT 1 AS "selfsame#row", ${cells.join(', ')} FROM selfsame_cells LIMIT -1) AS v`
}

/**
 * The same for a text whose columns' names are known: only the cells.
 *
 * @param beside a column more; the answer then has a row also where the statement has none
 */
export function cellsText(text: string, columns: number, beside?: string): string {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`)
  const cells = names.map((name, index) => `${cellExpression(name)} AS "${cellAlias(index)}"`)
  const whole = `WITH selfsame_cells (${names.join(', ')}) AS (${single(text)}
) SELECT`
  if (beside === undefined) return `${whole} ${cells.join(', ')} FROM selfsame_cells`
  return `${whole} ${beside}, v.* FROM (SELECT 1)
LEFT JOIN (SELECT 1 AS "selfsame#row", ${cells.join(', ')} FROM selfsame_cells LIMIT -1) AS v`
}

/** The cells of a row, in their order. */
export function cellsOf(row: Readonly<Record<string, unknown>>, columns: number): unknown[] {
  return Array.from({ length: columns }, (_, index) => row[cellAlias(index)])
}

/** Whether a describing answer's row is one of the statement's, and not the one that stands for none. */
export function isRow(row: Readonly<Record<string, unknown>>): boolean {
  return row['selfsame#row'] === 1
}

/** The columns' names in a describing answer, as the statement has them; `undefined` when one of ours is among them. */
export function namesOf(row: Readonly<Record<string, unknown>>, columns: number): string[] | undefined {
  const names: string[] = []
  for (const [key, place] of Object.entries(row)) if (!key.startsWith('selfsame#')) names[Number(place)] = key
  const complete = names.length === columns && !names.includes(undefined as never)
  return complete ? originalNames(names) : undefined
}

/** What {@link namesOf} gives, asked of a view: for names that cannot come over the bridge as names. */
export async function namesByView(bridge: Bridge, text: string): Promise<string[]> {
  const bare = (statement: string) => bridge.query({ text: statement, values: [] })
  // A view takes no parameters. What stands for one must be found again in a column's name.
  const withoutParameters = replaceParameters(single(text), [], (_value, _index, parameter) => `(NULL/*${parameter}*/)`)
  await bare(`CREATE TEMP VIEW selfsame_names AS ${withoutParameters}`)
  try {
    const { rows } = await bare(`SELECT name FROM pragma_table_info('selfsame_names') ORDER BY cid`)
    return originalNames(rows.map(({ name }) => String(name).replaceAll(/\(NULL\/\*(\?\d*)\*\/\)/g, '$1')))
  } finally {
    await bare('DROP VIEW temp.selfsame_names')
  }
}

// SQLite has called a second «id» «id:1» (src/select.c, sqlite3ColumnsFromExprList).
function originalNames(names: readonly string[]): string[] {
  return names.map((name, index) => {
    const base = /^(.+):\d+$/.exec(name)?.[1]
    const earlier = names.slice(0, index).map((other) => other.toLowerCase())
    return base !== undefined && earlier.includes(base.toLowerCase()) ? base : name
  })
}

function single(text: string): string {
  return splitStatements(text)[0] ?? text
}

/** The number of columns that SQLite found where another was given. */
export function columnsFound(message: string): number | undefined {
  const found = /table selfsame_cells has (\d+) values for \d+ columns/.exec(message)?.[1]
  return found === undefined ? undefined : Number(found)
}
