import type { Queryable } from '../../database.ts'
import type { DriverConnection } from '../../driver.ts'
import { sql } from '../../sql.ts'
import { createBookkeeping } from '../ledger/ledger.ts'
import { watchRenames } from '../repeatables/rewritten-repeatables.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import { writeSession, type WriteOptions, type WriteSession } from './write-session.ts'

/**
 * A write session that changes what the ledger speaks of: our own tables are brought up to date before it, in the same
 * transaction, what a renaming has rewritten in views and triggers is recorded, and the newest ledger row keeps the
 * fingerprint of the schema as it leaves it.
 */
export function recordedSession<T>(
  connection: DriverConnection,
  options: WriteOptions,
  body: (session: WriteSession) => Promise<T>,
): Promise<T> {
  return writeSession(connection, options, async (session) => {
    await createBookkeeping(session.tx)
    const recordRewritten = await watchRenames(session.tx)
    const commitPiece = async () => {
      await recordRewritten()
      await session.commitPiece()
    }
    const result = await body({ ...session, commitPiece })
    await recordRewritten()
    await recordFingerprint(session.tx)
    return result
  })
}

async function recordFingerprint(tx: Queryable): Promise<void> {
  const now = await fingerprint(tx)
  await tx.execute(sql`UPDATE selfsame_ledger SET schema_fingerprint = ${now}
    WHERE position = (SELECT max(position) FROM selfsame_ledger) AND schema_fingerprint IS NOT ${now}`)
}
