import { sql, sqlList, sqlName } from '../db/sql.ts'
import type { Statement } from '../db/statement.ts'
import { accountExists, accountSettings, all, masterSettings } from './account-conditions.ts'
import { activeDidColumn, switchIdentity } from './active-identity-statements.ts'
import type { CheckedPatch } from './check-settings-patch.ts'

/** Which row of `settings` a write goes to, and what must be so for it to happen. */
export interface SettingsTarget {
  /** A condition that the row meets. */
  readonly row: Statement
  /** What a new row gets as `id` and as `accountDid`. */
  readonly id: Statement
  readonly accountDid: Statement
  readonly conditions: readonly Statement[]
}

// The engine's own choice of an id would be 1 in an empty table, which is the master row's.
const nextId = sql`(SELECT max(2, coalesce(max(CAST(id AS INTEGER)), 0) + 1) FROM settings)`
const activeDid = sql`(SELECT activeDid FROM active_identity WHERE id = 1)`

/** The row that holds for all accounts. */
export const masterTarget: SettingsTarget = { row: masterSettings, id: sql`1`, accountDid: sql`NULL`, conditions: [] }

/** The row of the account that is active as the statement runs; the master row when none is. */
export const activeTarget: SettingsTarget = {
  row: sql`CASE WHEN ${activeDid} IS NULL THEN ${masterSettings} ELSE ${accountSettings(activeDid)} END`,
  id: sql`CASE WHEN ${activeDid} IS NULL THEN 1 ELSE ${nextId} END`,
  accountDid: activeDid,
  conditions: [],
}

/** The row of one account, if there is such an account. */
export function accountTarget(did: string): SettingsTarget {
  return {
    row: accountSettings(sql`${did}`),
    id: nextId,
    accountDid: sql`${did}`,
    conditions: [accountExists(did)],
  }
}

/**
 * The statements of one save, to be run as one batch. The first statement's and the second's changed rows together say
 * whether the row was written; the last statement answers 1 when the conditions held, and only then anything was.
 */
export function saveStatements(target: SettingsTarget, patch: CheckedPatch): Statement[] {
  const switching = patch.activeDid === undefined ? [] : [switchIdentity(patch.activeDid, target.conditions)]
  const known = typeof patch.activeDid === 'string' ? [accountExists(patch.activeDid)] : []
  const allowed = all([...target.conditions, ...known])
  const writing = patch.values.length > 0 ? rowStatements(target, patch, allowed) : []
  return [...writing, ...switching, sql`SELECT ${allowed} AS allowed`]
}

function rowStatements(
  { row, id, accountDid }: SettingsTarget,
  { values }: CheckedPatch,
  allowed: Statement,
): Statement[] {
  const assignments = sqlList(values.map(({ column, value }) => sql`${sqlName(column)} = ${value}`))
  const columns = sqlList(['id', 'accountDid', ...values.map(({ column }) => column)].map(sqlName))
  const cells = sqlList([id, accountDid, ...values.map(({ value }) => sql`${value}`)])
  return [
    sql`UPDATE settings SET ${assignments} WHERE ${row} AND ${allowed}`,
    sql`INSERT INTO settings (${columns}) SELECT ${cells}
        WHERE NOT EXISTS (SELECT 1 FROM settings WHERE ${row}) AND ${allowed}`,
  ]
}

/** The rows a read lays over each other. */
export interface SettingsSource {
  /** The lower row's `id`, or a DID. */
  readonly key: string
  /** Whose row lies on top: an account's, the active one's, or nobody's. */
  readonly account: { readonly did: string } | 'active' | 'none'
}

/**
 * One statement that reads all of it: the rows, and the active DID beside each. `SELECT *`, because the tables of older apps
 * have fewer columns than ours and others more. There is always at least one row.
 */
export function readStatement({ key, account }: SettingsSource): Statement {
  const base = rowByKey(key)
  return sql`
    SELECT settings.*, ${base} AS "selfsame:base", settings.id IS NOT NULL OR settings.accountDid IS NOT NULL AS "selfsame:row",
      ${activeDidColumn} AS "selfsame:activeDid"
    FROM (SELECT 1) AS one
    LEFT JOIN active_identity AS identity ON identity.id = 1
    LEFT JOIN accounts AS activeAccount ON activeAccount.did = identity.activeDid
    LEFT JOIN settings ON ${base} OR ${overlay(account)}
    ORDER BY typeof(settings.id) = 'integer' DESC, settings.id`
}

function rowByKey(key: string): Statement {
  if (key === '1') return masterSettings
  // An id may be stored as INTEGER or TEXT whatever the column's type says.
  const ids = /^-?[1-9]\d{0,14}$/.test(key) ? sql`${key}, ${Number(key)}` : sql`${key}`
  return sql`(settings.id IN (${ids}) OR ${accountSettings(sql`${key}`)})`
}

function overlay(account: SettingsSource['account']): Statement {
  if (account === 'none') return sql`false`
  return accountSettings(account === 'active' ? sql`identity.activeDid` : sql`${account.did}`)
}
