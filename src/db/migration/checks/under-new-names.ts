import { foldName } from '../../sql-text/names.ts'
import { isSameTable, type SchemaObjects } from '../ledger/owned-objects.ts'
import type { IdentifiedViolation } from '../schema/foreign-keys.ts'

/**
 * Violations as they are called after ALTER TABLE RENAME, of the table or of a column: rows without a parent that were there
 * before are the same rows then. The rows stay on their pages, and the columns in their places.
 */
export function underNewNames(
  violations: readonly IdentifiedViolation[],
  before: SchemaObjects,
  after: SchemaObjects,
): readonly IdentifiedViolation[] {
  return violations.map((violation) => {
    const old = before.get(`table ${violation.table}`)
    const same = after.get(`table ${violation.table}`)
    if (!old) return violation
    if (same?.rootpage === old.rootpage) {
      if (same.columns.length !== old.columns.length) return violation
      const place = (column: string) => old.columns.findIndex((it) => foldName(it) === foldName(column))
      return { ...violation, columns: violation.columns.map((column) => same.columns[place(column)] ?? column) }
    }
    if (same) return violation
    const [renamed] = [...after].find(([object, place]) => !before.has(object) && isSameTable(old, place)) ?? []
    return renamed === undefined ? violation : { ...violation, table: renamed.slice('table '.length) }
  })
}
