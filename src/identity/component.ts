import type { CodeStep, Component, Invariant } from '../db/migration/component.ts'
import { defineComponent } from '../db/migration/define-component.ts'
import { sql } from '../db/sql.ts'
import { activeIdentityTable } from './patches/active-identity-table.ts'
import { baseline } from './patches/baseline.ts'
import { dropActiveDid } from './patches/drop-active-did.ts'
import { legacySchema } from './patches/legacy-schema.ts'
import { moveActiveDid } from './patches/move-active-did.ts'
import { uniqueDid } from './patches/unique-did.ts'
import { mirrorIsThere } from './restore-mirror.ts'

const putRowBack: CodeStep = {
  code: 'puts the row of active_identity back',
  async run(tx) {
    await tx.repair({ kind: 'missing-row', table: 'active_identity', column: 'id', value: null })
    await tx.execute(sql`INSERT INTO active_identity (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM active_identity)`)
  },
}

const clearOrphan: CodeStep = {
  code: 'clears an active DID whose account is gone',
  async run(tx) {
    const row = await tx.queryOne<{ activeDid: string }>(sql`SELECT activeDid FROM active_identity WHERE id = 1`)
    await tx.repair({ kind: 'orphan', table: 'active_identity', column: 'activeDid', value: row?.activeDid ?? null })
    await tx.execute(
      sql`UPDATE active_identity SET activeDid = NULL, lastUpdated = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 1`,
    )
  },
}

// A tool or an older app that opened the database with foreign keys off can break what the schema promises. Reads never
// write, so it is put right at the next launch.
const invariants: readonly Invariant[] = [
  {
    name: 'active_identity has its one row',
    since: 'identity-0003',
    rows: 'SELECT count(*) AS found FROM active_identity HAVING count(*) <> 1',
    repair: putRowBack,
  },
  {
    name: 'the active identity has an account',
    since: 'identity-0003',
    rows: `SELECT id FROM active_identity WHERE activeDid IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.did = active_identity.activeDid)`,
    repair: clearOrphan,
  },
  {
    name: 'no two accounts share a DID',
    since: 'identity-0002',
    rows: 'SELECT did FROM accounts WHERE did IS NOT NULL GROUP BY did HAVING count(*) > 1',
  },
  mirrorIsThere,
]

const component = defineComponent({
  name: 'identity',
  patches: [legacySchema, uniqueDid, activeIdentityTable, moveActiveDid, dropActiveDid],
  baseline,
  invariants,
})

/**
 * Accounts, settings and the active identity: the legacy schema, and its way to a one-row `active_identity` table whose
 * DID always has an account.
 *
 * @example
 * createDataLayer({ driver, components: [identityComponent(), shop] })
 */
export function identityComponent(): Component {
  return component
}
