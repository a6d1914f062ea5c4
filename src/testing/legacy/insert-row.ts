import { quoteName } from '../../db/sql.ts'
import type { Statement } from '../../db/statement.ts'
import type { SqlValue } from '../../db/values.ts'

/** A row to write, keyed by column. */
export type LegacyRow = Readonly<Record<string, SqlValue>>

/** An INSERT of one row, its values bound. */
export function insertRow(table: string, row: LegacyRow): Statement {
  const columns = Object.keys(row)
  const names = columns.map(quoteName).join(', ')
  const places = columns.map(() => '?').join(', ')
  return { text: `INSERT INTO ${quoteName(table)} (${names}) VALUES (${places})`, params: Object.values(row) }
}
