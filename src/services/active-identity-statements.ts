import type { Database } from '../db/database.ts'
import type { StatementRunner } from '../db/driver.ts'
import type { Row } from '../db/rows.ts'
import { sql } from '../db/sql.ts'
import { checkStatement, type Statement } from '../db/statement.ts'
import { DataLayerError } from '../errors/index.ts'
import { accountExists, all } from './account-conditions.ts'

/** Who is active, and since when it was last written. */
export interface ActiveIdentity {
  readonly activeDid: string | null
  /** ISO-8601 UTC with milliseconds. */
  readonly lastUpdated: string
}

/** The active DID as a column. A DID that no account has is none, were foreign keys ever off in somebody's connection. */
export const activeDidColumn = sql`CASE WHEN activeAccount.did IS NOT NULL THEN identity.activeDid END`

/** Reads the one row. One driver call. */
export async function readActiveIdentity(db: Database): Promise<ActiveIdentity> {
  const row = await db.queryOne<Row>(sql`
    SELECT ${activeDidColumn} AS activeDid, identity.lastUpdated AS lastUpdated
    FROM active_identity AS identity
    LEFT JOIN accounts AS activeAccount ON activeAccount.did = identity.activeDid
    WHERE identity.id = 1`)
  if (!row)
    throw new DataLayerError('schema-drift', 'active_identity has lost its only row; the next launch puts it back.')
  return {
    activeDid: typeof row.activeDid === 'string' ? row.activeDid : null,
    lastUpdated: String(row.lastUpdated),
  }
}

/** 1 when an identity is active, otherwise 0: what a migration that has just run moved. */
export async function countActiveIdentities(connection: StatementRunner): Promise<number> {
  const text = 'SELECT count(*) FROM active_identity WHERE activeDid IS NOT NULL'
  const [result] = await connection.run([checkStatement({ text })])
  return Number(result?.rows[0]?.[0] ?? 0)
}

/**
 * Switches the identity where the conditions hold; its changed-row count says whether they did. An upsert, so that the row
 * is there afterwards whatever happened to it before.
 */
export function switchIdentity(activeDid: string | null, conditions: readonly Statement[] = []): Statement {
  const known = activeDid === null ? conditions : [accountExists(activeDid), ...conditions]
  return sql`
    INSERT INTO active_identity (id, activeDid, lastUpdated)
    SELECT 1, ${activeDid}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE ${all(known)}
    ON CONFLICT (id) DO UPDATE SET activeDid = excluded.activeDid, lastUpdated = excluded.lastUpdated`
}
