import type { Row } from '../db/rows.ts'
import type { SqlValue } from '../db/values.ts'
import { decodeColumn, type ColumnCodec } from '../identity/column-codecs.ts'

type Description = Readonly<Record<string, ColumnCodec<unknown>>>

/** The app's form of a row: a column that is NULL is absent. */
export type Described<D extends Description> = { [Name in keyof D]?: D[Name] extends ColumnCodec<infer T> ? T : never }

/**
 * What a schema description knows of some rows, laid over each other: for each column the value of the first row that has
 * one. A column that no row has is absent, as NULL is. A database may spell a column's name in other letters.
 *
 * @throws {DataLayerError} `invalid-value`, naming a column that holds what its codec cannot read
 */
export function readDescribed<D extends Description>(
  table: string,
  description: D,
  rows: readonly Row[],
): Described<D> {
  const result: Record<string, unknown> = {}
  for (const [name, codec] of Object.entries(description)) {
    for (const row of rows) {
      const value = decodeColumn(table, name, codec, cell(row, name))
      if (value === undefined) continue
      result[name] = value
      break
    }
  }
  return result as Described<D>
}

function cell(row: Row, name: string): SqlValue {
  const spelt = Object.hasOwn(row, name)
    ? name
    : Object.keys(row).find((column) => column.toLowerCase() === name.toLowerCase())
  return spelt === undefined ? null : (row[spelt] ?? null)
}
