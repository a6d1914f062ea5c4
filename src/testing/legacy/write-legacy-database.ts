import { checkStatement, type Statement } from '../../db/statement.ts'
import type { DriverConnection } from '../../db/driver.ts'

const off = { text: 'PRAGMA foreign_keys = OFF', params: [] }
const on = { text: 'PRAGMA foreign_keys = ON', params: [] }

/**
 * Writes the statements in one transaction with foreign keys off, as the legacy app did, and turns them on again.
 *
 * @throws {DataLayerError} what a statement failed with; nothing is written then
 */
export async function writeLegacyDatabase(
  connection: DriverConnection,
  statements: readonly Statement[],
): Promise<void> {
  const session = await connection.reserve()
  try {
    // Inside a transaction the pragma would do nothing, and say nothing (sqlite.org/foreignkeys.html#fk_enable).
    await session.run([off])
    await session.run(statements.map(checkStatement), { transaction: true })
  } finally {
    await session.run([on]).finally(() => session.release())
  }
}
