import type { CodeStep, Patch, PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'
import type { SqlValue } from '../../db/values.ts'
import { activeRow, type ActiveRow } from './active-row.ts'
import { activeDidColumn, masterRows, saysTheSame, writeActiveDid, type ActiveDidColumn } from './master-rows.ts'
import { createMirror, dropMirror } from './mirror.ts'

/** What active_identity said before and after the value was moved, for a rollback. */
interface Move {
  readonly before: ActiveRow
  readonly after: ActiveRow
}

async function theActiveRow(tx: PatchTransaction): Promise<ActiveRow> {
  const row = await activeRow(tx)
  if (!row) throw new Error('active_identity has no row')
  return row
}

async function knownDid(tx: PatchTransaction, did: SqlValue): Promise<string | undefined> {
  // The account's own spelling: where the column compares without case, the two may differ.
  return (await tx.queryOne<{ did: string }>(sql`SELECT did AS did FROM accounts WHERE did = ${did} LIMIT 1`))?.did
}

async function setActive(tx: PatchTransaction, did: string | null): Promise<void> {
  // An earlier app's table may have triggers of the user's.
  await tx.withoutTriggers('active_identity', async () => {
    await tx.execute(
      sql`UPDATE active_identity SET activeDid = ${did}, lastUpdated = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 1`,
    )
  })
}

/** Makes the master rows say what active_identity says, and keeps what they said. */
async function settle(
  tx: PatchTransaction,
  column: ActiveDidColumn,
  active: string | null,
  logged: string | undefined,
) {
  for (const { row, value } of await masterRows(tx)) {
    if (value === active || (active === null && saysTheSame(value, null))) continue
    if (row !== logged) {
      await tx.setAside({
        kind: 'replaced',
        table: 'settings',
        column: 'activeDid',
        value: value as string | null,
        row,
      })
    }
    await writeActiveDid(tx, row, active ?? column.none)
  }
}

const move: CodeStep = {
  code: 'moves the master row’s activeDid to active_identity; an orphan becomes NULL and is logged; a DID already there wins',
  async run(tx) {
    const column = await activeDidColumn(tx)
    const before = await theActiveRow(tx)
    const [master] = column && before.activeDid === null ? await masterRows(tx) : []
    let logged: string | undefined
    if (before.activeDid !== null) {
      const known = await knownDid(tx, before.activeDid)
      if (known === undefined) {
        await tx.repair({ kind: 'orphan', table: 'active_identity', column: 'activeDid', value: before.activeDid })
      }
      if (known !== before.activeDid) await setActive(tx, known ?? null)
    } else if (master && !saysTheSame(master.value, null)) {
      const known = await knownDid(tx, master.value)
      if (known === undefined) {
        await tx.repair({
          kind: 'orphan',
          table: 'settings',
          column: 'activeDid',
          value: master.value as string,
          row: master.row,
        })
        logged = master.row
      } else {
        await setActive(tx, known)
      }
    }
    const after = await theActiveRow(tx)
    const value = JSON.stringify({ before, after } satisfies Move)
    await tx.setAside({ kind: 'moved', table: 'active_identity', column: 'activeDid', value })
    if (!column) return
    await settle(tx, column, after.activeDid, logged)
    for (const text of createMirror(column)) await tx.execute({ text })
  },
}

const moveBack: CodeStep = {
  code: 'moves the active DID back to the master row; what the migration set aside comes back where nothing was chosen since',
  async run(tx) {
    for (const text of dropMirror) await tx.execute({ text })
    const kept = (await tx.kept()).filter(({ patch }) => patch === 'identity-0004')
    const record = kept.findLast(({ kind }) => kind === 'moved')
    const moved = record && (JSON.parse(String(record.value)) as Move)
    const now = await theActiveRow(tx)
    const unchanged =
      moved !== undefined && now.activeDid === moved.after.activeDid && now.lastUpdated === moved.after.lastUpdated
    const column = await activeDidColumn(tx)
    if (column && unchanged) {
      for (const { row, value } of kept.filter(({ table }) => table === 'settings')) {
        // An older app may have written a DID there that waits for its account: that is newer than what was set aside.
        const master = (await masterRows(tx)).find((candidate) => candidate.row === row)
        if (master && saysTheSame(master.value, now.activeDid)) await writeActiveDid(tx, String(row), value)
      }
      // The row the value came from may be gone; the identity is not.
      if (moved.before.activeDid === null) await mustHaveMaster(tx, now.activeDid)
    } else if (column) {
      await chooseInSettings(tx, column, now.activeDid)
    }
    await leaveActive(tx, now, unchanged ? moved.before : undefined)
    await tx.giveBack(kept.map(({ id }) => id))
  },
}

async function chooseInSettings(tx: PatchTransaction, column: ActiveDidColumn, did: string | null): Promise<void> {
  const masters = await masterRows(tx)
  for (const { row, value } of masters) {
    if (!saysTheSame(value, did)) await writeActiveDid(tx, row, did ?? column.none)
  }
  await mustHaveMaster(tx, did)
}

/** Without a master row the identity would have no place to go back to. */
async function mustHaveMaster(tx: PatchTransaction, did: string | null): Promise<void> {
  if (did === null || (await masterRows(tx)).length > 0) return
  await tx.withoutTriggers('settings', async () => {
    await tx.execute(sql`INSERT INTO settings (id, activeDid) VALUES (1, ${did})`)
  })
}

/**
 * Leaves in active_identity what was there before the move. An identity chosen since stays there only where an earlier
 * app had a table of its own, which it reads; elsewhere settings alone is to be believed.
 */
async function leaveActive(tx: PatchTransaction, now: ActiveRow, before: ActiveRow | undefined): Promise<void> {
  if (before) {
    await tx.withoutTriggers('active_identity', async () => {
      await tx.execute(
        sql`UPDATE active_identity SET activeDid = ${before.activeDid}, lastUpdated = ${before.lastUpdated} WHERE id = 1`,
      )
    })
  } else if (now.activeDid !== null && (await tx.kept('earlier-table')).length === 0) {
    await setActive(tx, null)
  }
}

/** The value moves; a foreign key now holds it. While the old column is there, triggers keep the two the same. */
export const moveActiveDid: Patch = {
  name: 'identity-0004',
  requires: ['identity-0003'],
  present: `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'selfsame_active_identity_row')
    AND (EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'selfsame_mirror_to_settings')
      OR NOT EXISTS (SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid'))`,
  statements: [move],
  after: [
    {
      name: 'the active identity has an account',
      rows: `SELECT id FROM active_identity WHERE activeDid IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.did = active_identity.activeDid)`,
    },
  ],
  revertsAdopted: true,
  revert: [moveBack],
  orphansComeBackIn: ['active_identity.activeDid', 'settings.activeDid'],
}
