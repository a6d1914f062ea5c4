import { DataLayerError } from '../../errors/index.ts'
import type { DriverConnection, StatementRunner, StoredCopy } from '../driver.ts'
import { checkStatement } from '../statement.ts'
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
 * @throws {DataLayerError} `corrupt`, `no-space` or `backup-failed`
 */
export async function backUp(connection: DriverConnection, options: MigrationOptions): Promise<StoredCopy | null> {
  const { copies } = connection
  if (options.backup === false || !copies || (await isEmpty(connection))) return null
  await mustBeSound(connection)
  const where = { directory: options.backupDirectory }
  const copy = await copies.write(where)
  const older = (await copies.list(where)).filter(({ location }) => location !== copy.location)
  for (const [index, { location, writtenAt }] of older.entries()) {
    const kept = index + 1
    if (kept >= mostKept || (kept >= alwaysKept && Date.now() - Date.parse(writtenAt) > longestAge)) {
      await copies.remove(location)
    }
  }
  return copy
}

async function isEmpty(connection: StatementRunner): Promise<boolean> {
  const [result] = await connection.run([checkStatement({ text: 'SELECT count(*) FROM sqlite_schema' })])
  return Number(result?.rows[0]?.[0]) === 0
}

// quick_check also reports rows that break a NOT NULL, CHECK or type rule. Those are the app's data, not damage.
const dataRemarks = /^(NULL value in |CHECK constraint failed in |(?:TEXT|NUMERIC|BLOB|INT|INTEGER|REAL|non-\w+) value in )/

/** @throws {DataLayerError} `corrupt` when the file's own structure is damaged */
async function mustBeSound(connection: StatementRunner): Promise<void> {
  const [result] = await connection.run([checkStatement({ text: 'PRAGMA quick_check' })])
  const damage = (result?.rows ?? []).map(([text]) => String(text)).filter((text) => text !== 'ok' && !dataRemarks.test(text))
  if (damage.length > 0) throw new DataLayerError('corrupt', undefined, { details: { findings: damage.slice(0, 10) } })
}
