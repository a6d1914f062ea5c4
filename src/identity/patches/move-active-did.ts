import type { CodeStep, Patch, PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'
import { keepMovedIdentity } from './moved-identity.ts'
import { createMirror, dropMirror } from './mirror.ts'
import { rowKey } from './row-key.ts'

interface ActiveRow {
  readonly activeDid: string | null
  readonly lastUpdated: string
  [column: string]: string | null
}

async function hasColumn(tx: PatchTransaction): Promise<boolean> {
  const found = await tx.queryOne(sql`SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid'`)
  return found !== undefined
}

async function activeRow(tx: PatchTransaction): Promise<ActiveRow> {
  const row = await tx.queryOne<ActiveRow>(sql`SELECT activeDid, lastUpdated FROM active_identity WHERE id = 1`)
  if (!row) throw new Error('active_identity has no row')
  return row
}

async function masterValue(tx: PatchTransaction): Promise<{ value: string | null; row: string } | undefined> {
  const key = await rowKey(tx, 'settings')
  const master = await tx.queryOne<{ value: string | null; row: string }>({
    text: `SELECT activeDid AS value, ${key} AS row FROM settings WHERE id IN (1, '1') ORDER BY typeof(id), 2 LIMIT 1`,
  })
  return master && { value: master.value === null ? null : String(master.value), row: master.row }
}

async function knownDid(tx: PatchTransaction, did: string): Promise<string | undefined> {
  // The account's own spelling: where the column compares without case, the two may differ.
  return (await tx.queryOne<{ did: string }>(sql`SELECT did FROM accounts WHERE did = ${did} LIMIT 1`))?.did
}

async function setActive(tx: PatchTransaction, did: string | null): Promise<void> {
  await tx.execute(
    sql`UPDATE active_identity SET activeDid = ${did}, lastUpdated = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = 1`,
  )
}

async function setMaster(tx: PatchTransaction, did: string | null): Promise<void> {
  await tx.withoutTriggers('settings', async () => {
    await tx.execute(sql`UPDATE settings SET activeDid = ${did}
      WHERE id IN (1, '1') AND ifnull(activeDid, '') IS NOT ifnull(${did}, '')`)
  })
}

const move: CodeStep = {
  code: 'moves the master row’s activeDid to active_identity; an orphan becomes NULL and is logged; a DID already there wins',
  async run(tx) {
    const column = await hasColumn(tx)
    const master = column ? await masterValue(tx) : undefined
    const there = (await activeRow(tx)).activeDid
    if (there !== null) {
      const known = await knownDid(tx, there)
      if (known === undefined) {
        await tx.repair({ kind: 'orphan', table: 'active_identity', column: 'activeDid', value: there })
        await setActive(tx, null)
      } else if (known !== there) {
        await setActive(tx, known)
      }
      if (master && master.value !== null && master.value !== '' && master.value !== there) {
        await tx.setAside({ kind: 'stale', table: 'settings', column: 'activeDid', value: master.value, row: master.row })
      }
    } else if (master?.value) {
      const known = await knownDid(tx, master.value)
      if (known === undefined) await tx.repair({ kind: 'orphan', table: 'settings', column: 'activeDid', ...master })
      else await setActive(tx, known)
    }
    const now = await activeRow(tx)
    await tx.setAside({ kind: 'moved-at', table: 'active_identity', column: 'lastUpdated', value: now.lastUpdated })
    if (!column) return
    await setMaster(tx, now.activeDid)
    for (const text of createMirror) await tx.execute({ text })
  },
}

const moveBack: CodeStep = {
  code: 'moves the active DID back to the master row; what the migration set aside comes back where nothing was chosen since',
  async run(tx) {
    for (const text of dropMirror) await tx.execute({ text })
    const now = await activeRow(tx)
    const kept = await tx.kept()
    const movedAt = kept.findLast(({ kind }) => kind === 'moved-at')
    const unchanged = movedAt?.value === now.lastUpdated
    await keepMovedIdentity(tx, { activeDid: now.activeDid, unchanged })
    const replaced = kept.findLast(
      ({ kind, table, patch }) => patch === 'identity-0004' && table === 'settings' && (kind === 'orphan' || kind === 'stale'),
    )
    if (await hasColumn(tx)) {
      const value = unchanged && replaced ? replaced.value : now.activeDid
      if (value !== null && !(await masterValue(tx))) {
        // Without a master row the identity would have no place to go back to.
        await tx.withoutTriggers('settings', async () => {
          await tx.execute(sql`INSERT INTO settings (id, activeDid) VALUES (1, ${value})`)
        })
      } else {
        await setMaster(tx, value)
      }
    }
    await setActive(tx, null)
    await tx.giveBack([...(movedAt ? [movedAt.id] : []), ...(replaced ? [replaced.id] : [])])
  },
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
  revert: [moveBack],
}
