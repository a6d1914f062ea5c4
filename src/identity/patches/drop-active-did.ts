import type { CodeStep, Patch, PatchTransaction } from '../../db/migration/component.ts'
import { sql } from '../../db/sql.ts'
import { parseCreateTable } from '../../db/sql-text/create-table.ts'
import { insertColumn, removeColumn } from '../../db/sql-text/edit-table.ts'
import { sameName } from '../../db/sql-text/names.ts'
import { normaliseStatement } from '../../db/sql-text/normalise.ts'
import { activeRow, type ActiveRow } from './active-row.ts'
import { activeDidColumn } from './master-rows.ts'
import { createMirror, dropMirror } from './mirror.ts'
import { indexesOnActiveDid, readersOfActiveDid } from './readers-of-active-did.ts'
import { exactly, rowKey } from './row-key.ts'

/** What went with the column, for a rollback that puts it back in its place. */
interface DroppedColumn {
  /** The table's definition before and after. */
  readonly before: string
  readonly after: string
  readonly indexes: readonly string[]
  /** Whether the column took no NULL. */
  readonly isRequired: boolean
  /** What active_identity said when the column went. */
  readonly active: ActiveRow | undefined
}

async function settingsSql(tx: Pick<PatchTransaction, 'queryOne'>): Promise<string> {
  const row = await tx.queryOne<{ sql: string }>(
    sql`SELECT sql FROM sqlite_schema WHERE type = 'table' AND lower(name) = 'settings'`,
  )
  return row?.sql ?? ''
}

const drop: CodeStep = {
  code: 'sets aside every activeDid that is not the active one, then builds settings anew without the column and its indexes',
  async run(tx) {
    const before = await settingsSql(tx)
    for (const text of dropMirror) await tx.execute({ text })
    if (!parseCreateTable(before).columns.some(({ name }) => sameName(name, 'activeDid'))) {
      // An earlier app has dropped the column: a rollback has none to put back.
      await tx.setAside({ kind: 'no-column', table: 'settings', column: 'activeDid', value: null })
      return
    }
    const after = removeColumn(before, 'activeDid')
    const indexes = await indexesOnActiveDid(tx)
    const dropped: DroppedColumn = {
      before,
      after,
      indexes: indexes.map((index) => index.sql),
      isRequired: (await activeDidColumn(tx))?.none === '',
      active: await activeRow(tx),
    }
    const value = JSON.stringify(dropped)
    await tx.setAside({ kind: 'dropped-column', table: 'settings', column: 'activeDid', value })
    // From table to table, so that a text keeps its bytes even where they are no UTF-8.
    await tx.execute({
      text: `INSERT INTO selfsame_repairs (at, component, patch, kind, table_name, column_name, row_key, value, shown)
        SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'identity', 'identity-0005', 'per-row', 'settings', 'activeDid',
          ${await settingsKey(tx)}, activeDid, 0 FROM settings WHERE activeDid IS NOT NULL
        AND NOT ifnull(id IN (1, '1') AND activeDid IS (SELECT activeDid FROM active_identity WHERE id = 1), 0)`,
    })
    await tx.rebuildTable({ table: 'settings', sql: after, dropIndexes: indexes.map(({ name }) => name) })
  },
}

const restore: CodeStep = {
  code: 'builds settings anew with activeDid in its old place, the active DID in the master row and the rest as it was',
  async run(tx) {
    const kept = (await tx.kept()).filter(({ patch }) => patch === 'identity-0005')
    if (kept.some(({ kind }) => kind === 'no-column')) {
      await tx.giveBack(kept.map(({ id }) => id))
      return
    }
    const record = kept.findLast(({ kind }) => kind === 'dropped-column')
    const present = await settingsSql(tx)
    if (parseCreateTable(present).columns.some(({ name }) => sameName(name, 'activeDid'))) return
    const dropped = record ? (JSON.parse(String(record.value)) as DroppedColumn) : undefined
    const key = await settingsKey(tx)
    const definition = definitionBefore(present, dropped)
    const now = await activeRow(tx)
    const unchanged =
      now !== undefined &&
      now.activeDid === dropped?.active?.activeDid &&
      now.lastUpdated === dropped.active.lastUpdated
    const active = '(SELECT activeDid FROM active_identity WHERE id = 1)'
    // A name of its own for the log's columns: settings may have columns called like them.
    const log = `(SELECT row_key AS kept_row, value AS kept_value FROM selfsame_repairs
      WHERE component = 'identity' AND kind = 'per-row' AND given_back_at IS NULL)`
    const keptValue = `(SELECT kept_value FROM ${log} WHERE kept_row = ${key})`
    await warnOfLostRows(tx, key)
    const isKept = `EXISTS (SELECT 1 FROM ${log} WHERE kept_row = ${key})`
    // What a master row held beside the active DID is worth giving back only while nothing else was chosen.
    const ofMaster = unchanged ? `CASE WHEN ${isKept} THEN ${keptValue} ELSE ${active} END` : active
    const value = `CASE WHEN id IN (1, '1') THEN ${ofMaster} ELSE ${keptValue} END`
    await tx.rebuildTable({
      table: 'settings',
      sql: definition,
      columns: { activeDid: dropped?.isRequired ? `coalesce(${value}, '')` : value },
    })
    for (const text of dropped?.indexes ?? []) await tx.execute({ text })
    const column = await activeDidColumn(tx)
    if (column) for (const text of createMirror(column)) await tx.execute({ text })
    await tx.giveBack(kept.map(({ id }) => id))
  },
}

/** The account with the row's key: a row that has got the key of one that is gone is not given its value. */
async function settingsKey(tx: PatchTransaction): Promise<string> {
  return `${await rowKey(tx, 'settings')} || ' of ' || ${exactly('accountDid')}`
}

async function warnOfLostRows(tx: PatchTransaction, key: string): Promise<void> {
  const lost = await tx.queryOne<{ rows: number }>({
    text: `SELECT count(*) AS rows FROM selfsame_repairs WHERE component = 'identity' AND kind = 'per-row'
      AND given_back_at IS NULL AND row_key NOT IN (SELECT ${key} FROM settings)`,
  })
  if (!lost || lost.rows === 0) return
  tx.warn(`${lost.rows} values of settings.activeDid had no row to go back to; they stay in selfsame_repairs.`)
}

function definitionBefore(now: string, dropped: DroppedColumn | undefined): string {
  const before = dropped && parseCreateTable(dropped.before)
  const at = before?.columns.findIndex(({ name }) => sameName(name, 'activeDid')) ?? -1
  const column = before?.columns[at]?.text ?? 'activeDid TEXT'
  if (dropped && normaliseStatement(now) === normaliseStatement(dropped.after)) return dropped.before
  // The table has changed since: the column goes where it was among those that are still there.
  const present = parseCreateTable(now).columns.map(({ name }) => name)
  const earlier = before ? before.columns.slice(0, at).map(({ name }) => name) : ['id', 'accountDid']
  const after = earlier.findLast((name) => present.some((other) => sameName(other, name))) ?? null
  return insertColumn(now, column, after)
}

/** The old column goes, in a release after the one that moved its value, and only when nothing reads it any more. */
export const dropActiveDid: Patch = {
  name: 'identity-0005',
  requires: ['identity-0004'],
  present: `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'selfsame_active_identity_row')
    AND NOT EXISTS (SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid')`,
  waitsFor: readersOfActiveDid,
  statements: [drop],
  revertsAdopted: true,
  revert: [restore],
  orphansComeBackIn: ['settings.activeDid'],
}
