import type { CodeStep, Patch, PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'
import { earlierTableIsKnown, readEarlierTable, type EarlierTable } from './earlier-table.ts'

/** Its definition, to the letter of the contract. */
export const activeIdentityDefinition = `CREATE TABLE active_identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  activeDid TEXT NULL CHECK (activeDid <> ''),
  lastUpdated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  FOREIGN KEY (activeDid) REFERENCES accounts (did) ON UPDATE CASCADE ON DELETE RESTRICT
)`
export const firstRow = `INSERT INTO active_identity (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM active_identity)`
/** Keeps the one row. */
export const rowGuard = `CREATE TRIGGER selfsame_active_identity_row BEFORE DELETE ON active_identity
BEGIN SELECT RAISE(ABORT, 'active_identity always has its one row; set activeDid to NULL instead'); END`

/**
 * The app this schema comes from shipped the table as NOT NULL DEFAULT '' with CASCADE, then with SET NULL, then with
 * RESTRICT. Whatever form is there becomes ours; what it said is kept.
 */
const createOrConvert: CodeStep = {
  code: 'creates active_identity, or converts the one that is there, keeping its definition and row',
  async run(tx) {
    const earlier = await readEarlierTable(tx)
    if (!earlier) {
      await tx.execute({ text: activeIdentityDefinition })
      return
    }
    const value = JSON.stringify(earlier)
    await tx.setAside({ kind: 'earlier-table', table: 'active_identity', column: 'activeDid', value })
    const indexes = await tx.query<{ name: string }>(
      sql`SELECT name FROM sqlite_schema WHERE type = 'index' AND lower(tbl_name) = 'active_identity' AND sql IS NOT NULL`,
    )
    await tx.rebuildTable({
      table: 'active_identity',
      sql: activeIdentityDefinition,
      columns: {
        activeDid: "nullif(activeDid, '')",
        lastUpdated: `coalesce(${earlier.row?.lastUpdated === undefined ? 'NULL' : 'lastUpdated'}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
      },
      dropIndexes: indexes.map(({ name }) => name),
    })
  },
}

const dropOrRestore: CodeStep = {
  code: 'drops active_identity, or gives back the form it had before',
  async run(tx) {
    const kept = (await tx.kept('earlier-table')).at(-1)
    if (!kept) {
      await tx.execute({ text: 'DROP TABLE active_identity' })
      return
    }
    const earlier = JSON.parse(String(kept.value)) as EarlierTable
    const now = await tx.queryOne<{ did: string | null }>(sql`SELECT activeDid AS did FROM active_identity`)
    const unchanged = (now?.did ?? '') === (earlier.row?.activeDid ?? '')
    await tx.rebuildTable({
      table: 'active_identity',
      sql: earlier.sql,
      columns: earlier.isRequired ? { activeDid: "ifnull(activeDid, '')" } : {},
    })
    if (unchanged) await tx.withoutTriggers('active_identity', () => giveRowBack(tx, earlier.row))
    for (const text of earlier.indexes) await tx.execute({ text })
    await tx.giveBack([kept.id])
  },
}

async function giveRowBack(tx: PatchTransaction, row: EarlierTable['row']): Promise<void> {
  if (row === null) {
    await tx.execute(sql`DELETE FROM active_identity`)
    return
  }
  await tx.execute(sql`UPDATE active_identity SET activeDid = ${row.activeDid}`)
  if (row.lastUpdated !== undefined) await tx.execute(sql`UPDATE active_identity SET lastUpdated = ${row.lastUpdated}`)
}

/** The table for the active identity: one row always, no identity is NULL, and never a DID without an account. */
export const activeIdentityTable: Patch = {
  name: 'identity-0003',
  requires: ['identity-0002'],
  before: [earlierTableIsKnown],
  present: `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'selfsame_active_identity_row')`,
  statements: [createOrConvert, firstRow, rowGuard],
  after: [
    {
      name: 'active_identity has its one row',
      rows: 'SELECT count(*) AS found FROM active_identity HAVING count(*) <> 1',
    },
  ],
  revertsAdopted: true,
  revert: ['DROP TRIGGER IF EXISTS selfsame_active_identity_row', dropOrRestore],
  // The earlier app's '' for no identity is a violation of its own foreign key, and comes back as it was.
  orphansComeBackIn: ['active_identity.activeDid'],
}
