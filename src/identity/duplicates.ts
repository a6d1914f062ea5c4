import { DataLayerError } from '../errors/index.ts'
import type { Queryable } from '../db/database.ts'
import type { DriverConnection } from '../db/driver.ts'
import { identifiedViolations, newViolations, withoutKey } from '../db/migration/schema/foreign-keys.ts'
import { withoutTriggers } from '../db/migration/rebuild/without-triggers.ts'
import { writeSession } from '../db/migration/patches/write-session.ts'
import { rowidName } from '../db/migration/patches/rowid-name.ts'
import { quoteName, sql } from '../db/sql.ts'
import { sameName } from '../db/sql-text/names.ts'

/** Accounts that share a DID: the DID, and the accounts' ids (or rowids, where `accounts` has no integer id). */
export interface DuplicateAccounts {
  readonly did: string
  readonly ids: readonly number[]
}

/** Which DIDs more than one account has. Two spellings that the column's collation takes for one DID count as one. */
export async function findDuplicateAccounts(db: Pick<Queryable, 'query'>): Promise<DuplicateAccounts[]> {
  if (!(await db.query(sql`SELECT 1 FROM pragma_table_xinfo('accounts') WHERE lower(name) = 'did'`))[0]) return []
  // Where nothing names an account by a number, its place among the accounts has to do.
  const id = (await accountKey(db)) ?? 'place'
  const rows = await db.query<{ did: string; id: number }>({
    text: `SELECT shared.did AS did, a.${id} AS id
      FROM (SELECT did FROM accounts WHERE did IS NOT NULL GROUP BY did HAVING count(*) > 1) AS shared
      JOIN ${id === 'place' ? '(SELECT *, row_number() OVER (ORDER BY did) AS place FROM accounts)' : 'accounts'} AS a ON a.did = shared.did ORDER BY 1, 2`,
  })
  const groups = new Map<string, number[]>()
  for (const row of rows) groups.set(row.did, [...(groups.get(row.did) ?? []), Number(row.id)])
  return [...groups].map(([did, ids]) => ({ did, ids }))
}

/**
 * Sets all but one of the accounts that share a DID aside in `selfsame_quarantined_accounts`, every column kept. Nothing
 * is deleted: key material is somebody's identity.
 *
 * @param keep the id to keep of each DID that is to be settled; DIDs without one stay as they are
 * @returns the ids that were set aside
 * @throws {DataLayerError} `invalid-value` for an id that shares no DID or two ids of one DID, `foreign-key-violation` when
 * rows elsewhere refer to an account that would go; nothing is changed then
 */
export async function quarantineDuplicates(connection: DriverConnection, keep: readonly number[]): Promise<number[]> {
  return writeSession(connection, {}, async ({ tx }) => {
    const groups = await findDuplicateAccounts(tx)
    const unknown = keep.filter((id) => !groups.some(({ ids }) => ids.includes(id)))
    const crowded = groups.find(({ ids }) => ids.filter((id) => keep.includes(id)).length > 1)
    if (unknown.length > 0 || crowded) {
      const what = crowded ? `Two of the ids to keep share a DID` : `No duplicate has the id ${unknown.join(', ')}`
      throw new DataLayerError('invalid-value', `${what}; nothing was set aside.`, { details: { keep } })
    }
    const aside = groups
      .filter(({ ids }) => ids.some((id) => keep.includes(id)))
      .flatMap(({ ids }) => ids.filter((id) => !keep.includes(id)))
    if (aside.length === 0) return []
    const before = await identifiedViolations(tx)
    await withoutTriggers(tx, 'accounts', () => moveAside(tx, aside))
    const orphaned = newViolations(before, await identifiedViolations(tx))
    if (orphaned.length > 0) {
      throw new DataLayerError('foreign-key-violation', 'Rows elsewhere refer to an account that would be set aside.', {
        details: { rows: orphaned.slice(0, 100).map(withoutKey) },
      })
    }
    return aside
  })
}

async function moveAside(tx: Queryable, ids: readonly number[]): Promise<void> {
  const columns = await tx.query<{ name: string; type: string }>(
    sql`SELECT name, type FROM pragma_table_xinfo('accounts') WHERE hidden IN (0, 2, 3) ORDER BY cid`,
  )
  const names = columns.map(({ name }) => quoteName(name))
  const taken = columns.some(({ name }) => sameName(name, 'quarantined_at'))
  const moment = taken ? 'selfsame_quarantined_at' : 'quarantined_at'
  const there = await tx.queryOne(sql`SELECT 1 FROM sqlite_schema WHERE name = 'selfsame_quarantined_accounts'`)
  if (!there) {
    // Columns without types keep each value exactly as it is stored.
    const text = `CREATE TABLE selfsame_quarantined_accounts (${[...names, moment].join(', ')})`
    await tx.execute({ text })
  }
  const key = await accountKey(tx)
  if (key === undefined) {
    throw new DataLayerError(
      'unsupported',
      'These accounts have neither an integer id nor a rowid by which one could be chosen.',
    )
  }
  for (const id of ids) {
    await tx.execute({
      text: `INSERT INTO selfsame_quarantined_accounts (${[...names, moment].join(', ')})
        SELECT ${names.join(', ')}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM accounts WHERE ${key} = ?`,
      params: [id],
    })
    await tx.execute({ text: `DELETE FROM accounts WHERE ${key} = ?`, params: [id] })
  }
}

async function accountKey(db: Pick<Queryable, 'query'>): Promise<string | undefined> {
  const columns = await db.query<{ name: string; pk: number; type: string }>(
    sql`SELECT name, pk, type FROM pragma_table_info('accounts')`,
  )
  const id = columns.find(({ name, type }) => name.toLowerCase() === 'id' && /int/i.test(type))
  if (id && (await isKey(db, quoteName(id.name)))) return quoteName(id.name)
  const [table] = await db.query<{ wr: number }>(
    sql`SELECT wr FROM pragma_table_list('accounts') WHERE schema = 'main'`,
  )
  if (table?.wr !== 0) return undefined
  return rowidName(columns.map(({ name }) => name))
}

/** Whether a column tells any two accounts apart: one that only is called id may not. */
async function isKey(db: Pick<Queryable, 'query'>, column: string): Promise<boolean> {
  const [row] = await db.query<{ tells: number }>({
    text: `SELECT count(*) = count(DISTINCT ${column}) AND count(*) = count(CASE typeof(${column}) WHEN 'integer' THEN 1 END) AS tells
      FROM accounts`,
  })
  return row?.tells === 1
}
