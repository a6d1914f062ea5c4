import type { PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'
import type { SqlValue } from '../../db/values.ts'
import { rowKey } from './row-key.ts'

/** A master row of `settings`. There is one, unless `id` has no type: then 1 and '1' are two. */
export interface MasterRow {
  /** As {@link rowKey} names it. */
  readonly row: string
  /** What its `activeDid` holds, as it is stored. */
  readonly value: SqlValue
  [column: string]: SqlValue
}

/** What is known of `settings.activeDid`; `undefined` when the column is not there. */
export interface ActiveDidColumn {
  /** What stands for no identity in it: `''` where it takes no NULL. */
  readonly none: '' | null
  /** Whether a row that says nothing of it gets `''`. */
  readonly isBlank: boolean
}

export async function activeDidColumn(tx: Pick<PatchTransaction, 'queryOne'>): Promise<ActiveDidColumn | undefined> {
  const column = await tx.queryOne<{ required: number; preset: string | null }>(
    sql`SELECT "notnull" AS required, dflt_value AS preset FROM pragma_table_info('settings') WHERE lower(name) = 'activedid'`,
  )
  return column && { none: column.required === 0 ? null : '', isBlank: /^\(*(''|"")\)*$/.test(column.preset ?? '') }
}

/** The master rows, the one that counts first. */
export async function masterRows(tx: Pick<PatchTransaction, 'query'>): Promise<MasterRow[]> {
  const key = await rowKey(tx, 'settings')
  return tx.query<MasterRow>({
    text: `SELECT activeDid AS value, ${key} AS row FROM settings WHERE id IN (1, '1') ORDER BY typeof(id), 2`,
  })
}

/** Writes `activeDid` of one row, without the user's triggers seeing it. */
export async function writeActiveDid(tx: PatchTransaction, row: string, value: SqlValue): Promise<void> {
  const key = await rowKey(tx, 'settings')
  await tx.withoutTriggers('settings', async () => {
    await tx.execute({ text: `UPDATE settings SET activeDid = ? WHERE ${key} = ?`, params: [value, row] })
  })
}

/** Whether two values say the same: NULL and `''` both say that there is no identity. */
export function saysTheSame(one: SqlValue, other: SqlValue): boolean {
  return (one ?? '') === (other ?? '')
}
