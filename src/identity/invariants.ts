import type { CodeStep, Invariant } from '../db/migration/component.ts'
import { runCheck } from '../db/migration/checks/run-check.ts'
import { sql } from '../db/sql.ts'
import { activeIdentityDefinition, firstRow, rowGuard } from './patches/active-identity-table.ts'
import { hasUniqueDidIndex, oneAccountEach, uniqueDidIndex } from './patches/unique-did.ts'
import { mirrorIsThere } from './restore-mirror.ts'

const putTableBack: CodeStep = {
  code: 'makes active_identity again, with its row and its guard',
  async run(tx) {
    await tx.repair({ kind: 'missing-table', table: 'active_identity', column: 'activeDid', value: null })
    for (const text of [activeIdentityDefinition, firstRow, rowGuard]) await tx.execute({ text })
  },
}

const putRowBack: CodeStep = {
  code: 'puts the row of active_identity back',
  async run(tx) {
    await tx.repair({ kind: 'missing-row', table: 'active_identity', column: 'id', value: null })
    await tx.execute({ text: firstRow })
  },
}

const putGuardBack: CodeStep = {
  code: 'makes the trigger that keeps the row of active_identity again',
  async run(tx) {
    await tx.repair({ kind: 'missing-guard', table: 'active_identity', column: 'id', value: null })
    await tx.execute({ text: rowGuard })
  },
}

const putIndexBack: CodeStep = {
  code: 'makes the unique index on accounts.did again',
  async run(tx) {
    await runCheck(tx, oneAccountEach)
    await tx.repair({ kind: 'missing-index', table: 'accounts', column: 'did', value: null })
    await tx.execute({ text: 'DROP INDEX IF EXISTS selfsame_accounts_did' })
    await tx.execute({ text: uniqueDidIndex })
  },
}

const clearOrphan: CodeStep = {
  code: 'clears an active DID whose account is gone',
  async run(tx) {
    const row = await tx.queryOne<{ did: string }>(sql`SELECT activeDid AS did FROM active_identity WHERE id = 1`)
    await tx.repair({ kind: 'orphan', table: 'active_identity', column: 'activeDid', value: row?.did ?? null })
    await tx.execute(
      sql`UPDATE active_identity SET activeDid = NULL, lastUpdated = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 1`,
    )
  },
}

/**
 * What holds in every healthy database. A tool or an older app that opened one with foreign keys off, or that built a table
 * anew, can break it. Reads never write, so it is put right at the next launch.
 */
export const invariants: readonly Invariant[] = [
  {
    name: 'accounts.did has its unique index',
    since: 'identity-0002',
    rows: `SELECT 1 WHERE NOT (${hasUniqueDidIndex})`,
    repair: putIndexBack,
  },
  {
    name: 'active_identity is there',
    since: 'identity-0003',
    rows: `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'active_identity')`,
    repair: putTableBack,
  },
  {
    name: 'active_identity has its one row',
    since: 'identity-0003',
    rows: 'SELECT count(*) AS found FROM active_identity HAVING count(*) <> 1',
    repair: putRowBack,
  },
  {
    name: 'the row of active_identity cannot be deleted',
    since: 'identity-0003',
    rows: `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'selfsame_active_identity_row')`,
    repair: putGuardBack,
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
