import { replaceParameters } from '../../replace-parameters.ts'
import { splitStatements } from '../../sql-text/split.ts'
import type { BoundStatement } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import { cellExpression } from './cells.ts'
import { nameOfAlias, withAliases, type KnownColumns } from './result-columns.ts'

const cellAlias = (index: number) => `selfsame#${index}`

/**
 * A SELECT made into one whose cells come over the bridge whole, and that says beside them which name stands at which
 * place: the plugin gives rows as objects, so that of two columns with one name one is lost, of no rows there are no names,
 * and a name that is a number goes before the others. SQLite makes the names of a subquery's columns different.
 */
export function describingText(text: string, columns: number): string {
  const [names, cells] = namesAndCells(columns)
  return `WITH selfsame_names AS MATERIALIZED (SELECT * FROM (${single(text)}
) LIMIT -1), selfsame_cells (${names.join(', ')}) AS (SELECT * FROM selfsame_names)
SELECT n.*, v.* FROM (SELECT * FROM selfsame_names WHERE 0 UNION ALL SELECT ${names.map((_, index) => index).join(', ')}) AS n
LEFT JOIN (SELECT 1 AS "selfsame#row", ${cells.join(', ')} FROM selfsame_cells LIMIT -1) AS v`
}

// A cell's expression names its column several times, and SQLite would put what stands behind the name in each of these
// places: random() would be another number in each, and a costly subquery run for each.
const once = ({ plain }: KnownColumns) => (plain ? 'AS' : 'AS MATERIALIZED')

/**
 * The same for a text whose columns are known: only the cells.
 *
 * @param beside a column more; the answer then has a row also where the statement has none
 */
export function cellsText(text: string, columns: KnownColumns, beside?: string): string {
  const [names, cells] = namesAndCells(columns.names.length)
  const whole = `WITH selfsame_cells (${names.join(', ')}) ${once(columns)} (${single(text)}
) SELECT`
  if (beside === undefined) return `${whole} ${cells.join(', ')} FROM selfsame_cells`
  return `${whole} ${beside}, v.* FROM (SELECT 1)
LEFT JOIN (SELECT 1 AS "selfsame#row", ${cells.join(', ')} FROM selfsame_cells LIMIT -1) AS v`
}

/** Several reads as one statement. Each row says in `selfsame#read` which of them it is of. */
export function readsTogether(
  reads: readonly { readonly bound: BoundStatement; readonly columns: KnownColumns }[],
): BoundStatement {
  const most = Math.max(...reads.map(({ columns }) => columns.names.length))
  const values: BoundStatement['values'] = []
  const tables: string[] = []
  const selects: string[] = []
  for (const [read, { bound, columns: known }] of reads.entries()) {
    const columns = known.names.length
    const offset = values.length
    const numbered = replaceParameters(single(bound.text), [], (_value, index) => `?${offset + index + 1}`)
    values.push(...bound.values)
    const [names, cells] = namesAndCells(columns)
    const missing = Array.from({ length: most - columns }, (_, index) => `NULL AS "${cellAlias(columns + index)}"`)
    tables.push(`selfsame_cells_${read} (${names.join(', ')}) ${once(known)} (SELECT * FROM (${numbered}\n) LIMIT -1)`)
    selects.push(
      `SELECT ${[`${read} AS "selfsame#read"`, ...cells, ...missing].join(', ')} FROM selfsame_cells_${read}`,
    )
  }
  return { text: `WITH ${tables.join(', ')} ${selects.join('\nUNION ALL ')}`, values }
}

function namesAndCells(columns: number): readonly [names: string[], cells: string[]] {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`)
  return [names, names.map((name, index) => `${cellExpression(name)} AS "${cellAlias(index)}"`)]
}

/** The cells of a row, in their order. */
export function cellsOf(row: Readonly<Record<string, unknown>>, columns: number): unknown[] {
  return Array.from({ length: columns }, (_, index) => row[cellAlias(index)])
}

/** Whether a row is one of the statement's, and not the one that stands for none. */
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
  const withoutParameters = replaceParameters(
    withAliases(single(text)),
    [],
    (_value, _index, parameter) => `(NULL/*${parameter}*/)`,
  )
  await bare(`CREATE TEMP VIEW selfsame_names AS ${withoutParameters}`)
  try {
    const { rows } = await bare(`SELECT name FROM pragma_table_info('selfsame_names') ORDER BY cid`)
    const names = rows.map(({ name }) => String(name).replaceAll(/\(NULL\/\*(\?\d*)\*\/\)/g, '$1'))
    return originalNames(names).map(nameOfAlias)
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
export function columnsFound(error: unknown): number | undefined {
  const words = error instanceof Error ? error.message : String(error)
  const found = /table selfsame_cells has (\d+) values for \d+ columns/.exec(words)?.[1]
  return found === undefined ? undefined : Number(found)
}
