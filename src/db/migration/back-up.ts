import { DataLayerError, redactText } from '../../errors/index.ts'
import type { DriverConnection, DriverCopies, StatementRunner, StoredCopy } from '../driver.ts'
import { checkStatement } from '../statement.ts'
import { structuralDamage } from '../structural-damage.ts'
import type { MigrationOptions } from './migrator-types.ts'

/** Copies beyond the newest ones go when they are this old. */
const longestAge = 90 * 24 * 60 * 60 * 1000
const alwaysKept = 3
const mostKept = 10

/**
 * Copies the database before anything is written, and fails when that cannot be done: a migration without a way back is
 * not begun. Nothing is copied where there is nothing yet, where the app does not want it, or where the database lives
 * in memory alone. Keeps the three newest copies always, others up to ten and ninety days.
 *
 * @param warn told of an old copy that could not be removed
 * @throws {DataLayerError} `corrupt`, `no-space` or `backup-failed`
 */
export async function backUp(
  connection: DriverConnection,
  options: MigrationOptions,
  warn: (message: string) => void,
): Promise<StoredCopy | null> {
  const { copies } = connection
  if (options.backup === false || !copies || (await isEmpty(connection))) return null
  await mustBeSound(connection)
  const where = { directory: options.backupDirectory }
  const copy = await copies.write(where)
  try {
    await removeOldCopies(copies, where, copy.location)
  } catch (error) {
    // The new copy stands; that an old one is still there takes room and nothing else.
    warn(
      `An old backup could not be removed: ${error instanceof Error ? redactText(error.message) : 'no reason was given'}`,
    )
  }
  return copy
}

async function removeOldCopies(
  copies: DriverCopies,
  where: { directory: string | undefined },
  newest: string,
): Promise<void> {
  const older = (await copies.list(where)).filter(({ location }) => location !== newest)
  for (const [index, { location, writtenAt }] of older.entries()) {
    const kept = index + 1
    if (kept >= mostKept || (kept >= alwaysKept && Date.now() - Date.parse(writtenAt) > longestAge)) {
      await copies.remove(location)
    }
  }
}

async function isEmpty(connection: StatementRunner): Promise<boolean> {
  const [result] = await connection.run([checkStatement({ text: 'SELECT count(*) FROM sqlite_schema' })])
  return Number(result?.rows[0]?.[0]) === 0
}

/** @throws {DataLayerError} `corrupt` when the file's own structure is damaged */
async function mustBeSound(connection: StatementRunner): Promise<void> {
  const [result] = await connection.run([checkStatement({ text: 'PRAGMA quick_check' })])
  const damage = structuralDamage((result?.rows ?? []).map(([text]) => String(text)))
  if (damage.length > 0) throw new DataLayerError('corrupt', undefined, { details: { findings: damage.slice(0, 10) } })
}
