import fc from 'fast-check'
import { oddNames, oddValue, quoteSomehow } from './odd-values.ts'
import type { SqlValue } from '../../src/db/values.ts'

export type Generator = fc.GeneratorValue

/** A column being drafted: its definition, and what may go into it. */
export interface ColumnDraft {
  readonly name: string
  /** What follows the name. */
  readonly definition: string
  /** The value of this column in the row at `index`; absent for generated columns and for those left to their default. */
  readonly value?: (index: number) => SqlValue
}

export interface TableDraft {
  readonly name: string
  readonly columns: readonly ColumnDraft[]
  /** Table constraints. */
  readonly constraints: readonly string[]
  readonly suffix: string
}

export const actions = ['NO ACTION', 'RESTRICT', 'CASCADE', 'SET NULL', 'SET DEFAULT'] as const

// fast-check prefers numbers at the edges, which would make every rare thing common. Smaller means plainer, for shrinking.
const evenly = (most: number) => fc.noBias(fc.nat(most))

export function chance(g: Generator, percent: number): boolean {
  return 99 - g(evenly, 99) < percent
}

export function pick<T>(g: Generator, choices: readonly T[]): T {
  return choices[g(evenly, choices.length - 1)] as T
}

export function shuffle<T>(g: Generator, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(g(evenly, left.length - 1), 1)[0] as T)
}

const anyValue = () => oddValue

export function valueOf(g: Generator): SqlValue {
  return g(anyValue)
}

export function quoted(g: Generator, name: string): string {
  return quoteSomehow(name, g(evenly, 2))
}

const nullableTypes = [
  '',
  'TEXT',
  'VARCHAR(20)',
  'INT',
  'DOUBLE PRECISION',
  'BLOB',
  'NUMERIC',
  'BOOLEAN',
  'made up (3, 4)',
]

/** Columns that no app of ours made, under names that need care. */
export function extraColumns(g: Generator, most: number, reference: string): ColumnDraft[] {
  const names = shuffle(g, oddNames).slice(0, g(evenly, most))
  return names.map((name) => extraColumn(g, name, reference))
}

function extraColumn(g: Generator, name: string, reference: string): ColumnDraft {
  switch (g(evenly, 9)) {
    case 0:
      return { name, definition: `TEXT NOT NULL DEFAULT 'it''s; -- fine'` }
    case 1:
      return { name, definition: `TEXT DEFAULT CURRENT_TIMESTAMP /* when */`, value: () => 'fixed' }
    case 2:
      return { name, definition: `GENERATED ALWAYS AS (length(${reference}) * 2) ${pick(g, ['VIRTUAL', 'STORED'])}` }
    case 3:
      return { name, definition: 'TEXT COLLATE NOCASE DEFAULT (1 + 1)' }
    case 4:
      return {
        name,
        definition: `INTEGER CHECK (${quoted(g, name)} IS NULL OR typeof(${quoted(g, name)}) <> 'zzz')`,
        value: () => valueOf(g),
      }
    case 5:
      return { name, definition: `UNIQUE`, value: (index) => `unique ${index}` }
    default:
      return { name, definition: pick(g, nullableTypes), value: () => valueOf(g) }
  }
}

/** The same name to SQLite, in other letters once in a while. */
function inSomeCase(g: Generator, name: string): string {
  return /^[a-z]+$/i.test(name) && chance(g, 4) ? pick(g, [name.toUpperCase(), name.toLowerCase()]) : name
}

/** The `CREATE TABLE` statement. */
export function renderTable(g: Generator, { columns, constraints, suffix, ...table }: TableDraft): string {
  const name = inSomeCase(g, table.name)
  const plain = /^[a-z_]+$/i.test(name)
  const definitions = columns.map((column) => {
    const columnName = /^[a-z]+$/i.test(column.name) && !['order', 'select'].includes(column.name) && chance(g, 60)
    const written = inSomeCase(g, column.name)
    return `${columnName ? written : quoted(g, written)} ${column.definition}`.trimEnd()
  })
  const gap = pick(g, ['\n  ', ' ', '\n\t-- a comment, with a comma and a (\n  '])
  const parts = [...definitions, ...constraints].join(`,${gap}`)
  return `CREATE TABLE ${plain && chance(g, 70) ? name : quoted(g, name)} (${gap}${parts}\n)${suffix}`
}

/** A foreign key's actions and timing. */
export function referentialClause(g: Generator): string {
  const onDelete = chance(g, 70) ? ` ON DELETE ${pick(g, actions)}` : ''
  const onUpdate = chance(g, 40) ? ` ON UPDATE ${pick(g, actions)}` : ''
  return `${onDelete}${onUpdate}${chance(g, 25) ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`
}
