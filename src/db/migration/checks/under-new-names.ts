import { foldName } from '../../sql-text/names.ts'
import type { SchemaObjects } from '../ledger/owned-objects.ts'
import type { IdentifiedViolation } from '../schema/foreign-keys.ts'

/**
 * Violations as they are called after ALTER TABLE, of the table's name or of a column's: rows without a parent that were there
 * before are the same rows then. A table keeps its row of the schema, and a renamed or an older column its place.
 */
export function underNewNames(
  violations: readonly IdentifiedViolation[],
  before: SchemaObjects,
  after: SchemaObjects,
): readonly IdentifiedViolation[] {
  if (violations.length === 0) return violations
  const nowCalled = new Map(
    [...after].flatMap(([object, place]) => (place ? [[place.entry, object.slice('table '.length)] as const] : [])),
  )
  return violations.map((violation) => {
    const old = before.get(`table ${violation.table}`)
    const table = old && nowCalled.get(old.entry)
    const now = table === undefined ? undefined : after.get(`table ${table}`)
    if (!old || !now || table === undefined) return violation
    // Where columns went, those behind them have moved up.
    if (now.columns.length < old.columns.length) return { ...violation, table }
    const place = (column: string) => old.columns.findIndex((it) => foldName(it) === foldName(column))
    return { ...violation, table, columns: violation.columns.map((column) => now.columns[place(column)] ?? column) }
  })
}
