import { sameName } from '../../sql-text/names.ts'

/** A name by which a table's rowid can be read, one that no column has taken; `undefined` when all three are. */
export function rowidName(columns: readonly string[]): string | undefined {
  return ['rowid', '_rowid_', 'oid'].find((name) => !columns.some((column) => sameName(column, name)))
}
