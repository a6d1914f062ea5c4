import type { Queryable } from '../../database.ts'
import { brokenForeignKeys, type BrokenKey } from './broken-foreign-keys.ts'
import { keepValue, keptValues, type RepairOrigin } from '../ledger/repair-log.ts'

const kind = 'foreign-key'

/**
 * Notes which of the broken keys a patch has made work, by giving their parent its unique index: going back may break them
 * again, and no others.
 *
 * @returns the keys that are still broken
 */
export async function keepMended(
  tx: Queryable,
  origin: RepairOrigin,
  broken: readonly BrokenKey[],
): Promise<readonly BrokenKey[]> {
  if (broken.length === 0) return broken
  const now = await brokenForeignKeys(tx)
  const isBroken = (key: BrokenKey) => now.some(({ table, columns }) => table === key.table && columns === key.columns)
  for (const { table, columns } of broken.filter((key) => !isBroken(key))) {
    await keepValue(tx, origin, { kind, table, column: columns, value: null }, false)
  }
  return broken.filter(isBroken)
}

/** The keys that did not work before this patch, each with the number of its note. */
export async function mendedBy(
  tx: Queryable,
  { component, patch }: RepairOrigin,
): Promise<readonly (BrokenKey & { readonly id: number })[]> {
  const kept = await keptValues(tx, component, kind)
  return kept.filter((value) => value.patch === patch).map(({ id, table, column }) => ({ id, table, columns: column }))
}
