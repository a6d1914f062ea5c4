import type { CodeStep, Invariant } from '../db/migration/component.ts'
import { sql } from '../db/sql.ts'
import { activeDidColumn, masterRows, saysTheSame, writeActiveDid } from './patches/master-rows.ts'
import { createMirror, dropMirror } from './patches/mirror.ts'

const restore: CodeStep = {
  code: 'makes the mirror triggers again; active_identity is right where settings says otherwise',
  async run(tx) {
    const column = await activeDidColumn(tx)
    if (!column) return
    await tx.repair({ kind: 'missing-mirror', table: 'settings', column: 'activeDid', value: null })
    for (const text of dropMirror) await tx.execute({ text })
    const active = await tx.queryOne<{ did: string | null }>(
      sql`SELECT activeDid AS did FROM active_identity WHERE id = 1`,
    )
    const did = active?.did ?? null
    for (const { row, value } of await masterRows(tx)) {
      const waits = !saysTheSame(value, null) && !(await tx.queryOne(sql`SELECT 1 FROM accounts WHERE did = ${value}`))
      if (!waits && !saysTheSame(value, did)) await writeActiveDid(tx, row, did ?? column.none)
    }
    for (const text of createMirror(column)) await tx.execute({ text })
  },
}

/** An older app that builds `settings` anew drops the triggers with the old table, and says nothing. */
export const mirrorIsThere: Invariant = {
  name: 'settings.activeDid and active_identity are kept the same',
  since: 'identity-0004',
  rows: `SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid'
    AND NOT EXISTS (SELECT 1 FROM selfsame_ledger WHERE name = 'identity-0005')
    AND (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'selfsame_mirror_*') <> ${dropMirror.length}`,
  repair: restore,
}
