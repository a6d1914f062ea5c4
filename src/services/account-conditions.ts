import { sql } from '../db/sql.ts'
import type { Statement } from '../db/statement.ts'

/** SQL that is true when an account has this DID. */
export function accountExists(did: string): Statement {
  return sql`EXISTS (SELECT 1 FROM accounts WHERE did = ${did})`
}

/** SQL that is true when all conditions are. */
export function all(conditions: readonly Statement[]): Statement {
  return conditions.reduce((joined, condition) => sql`${joined} AND ${condition}`, sql`true`)
}

/** Rows of `settings` that belong to this account: never the master row, whatever its `accountDid` says. */
export function accountSettings(did: Statement): Statement {
  return sql`(settings.accountDid = ${did} AND settings.id IS NOT 1 AND settings.id IS NOT '1')`
}

/** The master row of `settings`, its `id` stored as INTEGER, TEXT or without a type. */
export const masterSettings = sql`settings.id IN (1, '1')`
