import { DataLayerError } from '../../../errors/index.ts'
import { quoteName } from '../../sql.ts'
import type { CreateTable } from '../../sql-text/create-table.ts'
import { sameName } from '../../sql-text/names.ts'
import { isCode, nameOf, tokenize } from '../../sql-text/tokenize.ts'
import { rowidName } from '../patches/rowid-name.ts'
import type { TableInventory } from './inventory.ts'

/** Which values go where: `sources[i]`, an expression over the old table, becomes `targets[i]`, a column of the new one. */
export interface CopyPlan {
  /** Quoted. A rowid comes first: where a column is the rowid, SQLite takes the later of the two. */
  readonly targets: readonly string[]
  readonly sources: readonly string[]
  /** Whether the first pair is a rowid that no column shows. */
  readonly rowid: boolean
}

/**
 * Works out how rows get from the old table to the new one. Generated columns fill themselves; a rowid that no column
 * shows is copied too, because other tables and foreign_key_check may name rows by it.
 *
 * @throws {DataLayerError} `unsupported` for an expression for a column that cannot be written, or one that reads the table
 */
export function copyPlan(
  old: TableInventory,
  target: CreateTable,
  columns: Readonly<Record<string, string>>,
): CopyPlan {
  const given = Object.entries(columns)
  const writable = target.columns.filter(({ generated }) => !generated)
  for (const [name, expression] of given) {
    if (!writable.some((column) => sameName(column.name, name))) {
      throw new DataLayerError('unsupported', `Table ${target.name} has no column ${name} that takes a value.`)
    }
    if (readsTable(expression, old.table)) {
      // While rows are copied the name stands for the new table, which is still being filled.
      throw new DataLayerError('unsupported', `The value for column ${name} may not query table ${old.table} itself.`)
    }
  }
  const targets: string[] = []
  const sources: string[] = []
  for (const { name } of writable) {
    const expression = given.find(([column]) => sameName(column, name))?.[1]
    const same = old.columns.find((column) => sameName(column, name))
    if (expression === undefined && same === undefined) continue
    targets.push(quoteName(name))
    sources.push(expression === undefined ? quoteName(same ?? name) : `(${expression}\n)`)
  }
  if (targets.length === 0)
    throw new DataLayerError('unsupported', `The new table ${target.name} keeps no column of the old one.`)
  const from = old.withoutRowid ? undefined : rowidName(old.columns)
  const to = target.withoutRowid ? undefined : rowidName(target.columns.map(({ name }) => name))
  return from && to
    ? { targets: [to, ...targets], sources: [from, ...sources], rowid: true }
    : { targets, sources, rowid: false }
}

function readsTable(expression: string, table: string): boolean {
  const tokens = tokenize(expression).filter(isCode)
  const queries = tokens.some(({ kind, text }) => kind === 'word' && text.toUpperCase() === 'SELECT')
  return (
    queries && tokens.some((token, index) => sameName(nameOf(token) ?? '', table) && tokens[index + 1]?.text !== '.')
  )
}
