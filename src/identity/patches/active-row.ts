import type { PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'

/** What active_identity says. */
export interface ActiveRow {
  readonly activeDid: string | null
  readonly lastUpdated: string
  [column: string]: string | null
}

export function activeRow(tx: Pick<PatchTransaction, 'queryOne'>): Promise<ActiveRow | undefined> {
  return tx.queryOne(sql`SELECT activeDid AS activeDid, lastUpdated AS lastUpdated FROM active_identity WHERE id = 1`)
}
