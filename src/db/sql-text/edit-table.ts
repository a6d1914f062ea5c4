import { DataLayerError } from '../../errors/index.ts'
import { parseCreateTable, type CreateTable } from './create-table.ts'
import { sameName } from './names.ts'
import type { ColumnItem, ConstraintItem } from './table-items.ts'

/**
 * The text of a `CREATE TABLE` without one of its columns. Table-level UNIQUE and FOREIGN KEY constraints on that column
 * alone go with it; everything else stays to the letter.
 *
 * @throws {DataLayerError} `unsupported` when the text cannot be read, has no such column, or still uses it elsewhere
 * @example
 * removeColumn('CREATE TABLE a (x, y TEXT, UNIQUE (y))', 'y') // 'CREATE TABLE a (x)'
 */
export function removeColumn(text: string, column: string): string {
  let table = parseCreateTable(text)
  const wanted = table.columns.map(({ name }) => name).filter((name) => !sameName(name, column))
  for (const constraint of table.constraints.filter((item) => goesWith(item, column)).toReversed()) {
    table = parseCreateTable(cut(table, constraint))
  }
  const found = columnOf(table, column)
  if (found.primaryKey) throw unsupported(table, column, 'is its primary key')
  const user = [...table.columns, ...table.constraints].find((item) => item !== found && names(item, column))
  if (user)
    throw unsupported(
      table,
      column,
      `is used by another part of it (${user.kind === 'column' ? user.name : user.kind})`,
    )
  return expectColumns(cut(table, found), wanted)
}

/**
 * The text of a `CREATE TABLE` with one more column, right behind another one, or first where `after` is `null`.
 *
 * @param definition for example `activeDid TEXT`
 * @throws {DataLayerError} `unsupported` when the text cannot be read or the definition is not one column
 * @example
 * insertColumn('CREATE TABLE a (x, z)', 'y TEXT', 'x') // 'CREATE TABLE a (x, y TEXT, z)'
 */
export function insertColumn(text: string, definition: string, after: string | null): string {
  const table = parseCreateTable(text)
  const added = parseCreateTable(`CREATE TABLE added (${definition}\n)`)
  const [column] = added.columns
  if (!column || added.columns.length !== 1 || added.constraints.length > 0) {
    throw new DataLayerError('unsupported', `The definition for table ${table.name} is not one column.`)
  }
  const position = after === null ? 0 : table.columns.indexOf(columnOf(table, after)) + 1
  const wanted = table.columns.map(({ name }) => name).toSpliced(position, 0, column.name)
  const before = table.columns[position - 1]
  if (before) {
    const [space] = /\s*$/.exec(text.slice(0, before.start)) ?? ['']
    return expectColumns(`${text.slice(0, before.end)},${space || ' '}${column.text}${text.slice(before.end)}`, wanted)
  }
  const start = table.columns[0]?.start ?? 0
  return expectColumns(`${text.slice(0, start)}${column.text}, ${text.slice(start)}`, wanted)
}

function columnOf(table: CreateTable, name: string): ColumnItem {
  const column = table.columns.find((item) => sameName(item.name, name))
  if (!column) throw new DataLayerError('unsupported', `Table ${table.name} has no column ${name}.`)
  return column
}

function goesWith({ kind, columns }: ConstraintItem, column: string): boolean {
  const [only] = columns
  const alone = columns.length === 1 && only !== undefined && sameName(only, column)
  return alone && (kind === 'unique' || kind === 'foreign key')
}

function names(item: ColumnItem | ConstraintItem, column: string): boolean {
  const used = item.kind === 'column' ? item.uses : [...item.columns, ...item.uses]
  return used.some((name) => sameName(name, column))
}

/** The text without an item and the comma that it no longer needs; comments in front of it stay, those behind it go. */
function cut({ text, columns, constraints }: CreateTable, item: ColumnItem | ConstraintItem): string {
  const items = [...columns, ...constraints]
  const index = items.findIndex(({ start }) => start === item.start)
  const next = items[index + 1]
  if (next) return text.slice(0, item.start) + text.slice(next.start)
  const previous = items[index - 1]
  return text.slice(0, previous?.end ?? item.start) + text.slice(item.end)
}

// An edit that went wrong must not become a schema: the text is read again and compared with what was meant.
function expectColumns(text: string, wanted: readonly string[]): string {
  const { columns, name } = parseCreateTable(text)
  if (columns.length !== wanted.length || columns.some((column, index) => column.name !== wanted[index])) {
    throw new DataLayerError('unsupported', `The CREATE TABLE text of table ${name} cannot be edited.`)
  }
  return text
}

function unsupported(table: CreateTable, column: string, why: string): DataLayerError {
  return new DataLayerError('unsupported', `Column ${column} cannot be taken out of table ${table.name}: it ${why}.`, {
    details: { table: table.name, column },
  })
}
