import type { Queryable } from '../../database.ts'
import type { DriverConnection } from '../../driver.ts'
import { sql } from '../../sql.ts'
import { createBookkeeping } from '../ledger/ledger.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import { writeSession, type WriteOptions, type WriteSession } from './write-session.ts'

/**
 * A write session that changes what the ledger speaks of: our own tables are brought up to date before it, in the same
 * transaction, and the newest ledger row keeps the fingerprint of the schema as it leaves it.
 */
export function recordedSession<T>(
  connection: DriverConnection,
  options: WriteOptions,
  body: (session: WriteSession) => Promise<T>,
): Promise<T> {
  return writeSession(connection, options, async (session) => {
    await createBookkeeping(session.tx)
    const result = await body(session)
    await recordFingerprint(session.tx)
    return result
  })
}

async function recordFingerprint(tx: Queryable): Promise<void> {
  const now = await fingerprint(tx)
  await tx.execute(sql`UPDATE selfsame_ledger SET schema_fingerprint = ${now}
    WHERE position = (SELECT max(position) FROM selfsame_ledger) AND schema_fingerprint IS NOT ${now}`)
}
