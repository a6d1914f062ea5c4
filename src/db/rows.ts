import type { ResultSet } from './driver.ts'
import type { SqlValue } from './values.ts'

/** A row as an object, keyed by column name. */
export type Row = Record<string, SqlValue>

/** The rows of a result as objects. Of two columns with one name the last one's value is kept. */
export function toRows<R extends Row = Row>({ columns, rows }: ResultSet): R[] {
  return rows.map((values) => {
    const row: Row = {}
    columns.forEach((column, index) => {
      const value = values[index] ?? null
      // A column may be called __proto__; assigning that would set the row's prototype instead.
      if (column === '__proto__') define(row, column, value)
      else row[column] = value
    })
    return row as R
  })
}

export function firstRow<R extends Row = Row>({ columns, rows }: ResultSet): R | undefined {
  const first = rows[0]
  return first && toRows<R>({ columns, rows: [first], changes: 0, tables: [] })[0]
}

function define(row: Row, column: string, value: SqlValue): void {
  Object.defineProperty(row, column, { value, enumerable: true, configurable: true, writable: true })
}
