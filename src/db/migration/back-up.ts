import { redactText } from '../../errors/index.ts'
import type { CopyProgress, DriverConnection, DriverCopies, StatementRunner, StoredCopy } from '../driver.ts'
import { checkStatement } from '../statement.ts'
import type { BegunPatch } from './ledger/ledger.ts'
import type { LaunchVoice } from './launch-voice.ts'
import type { MigrationOptions } from './migrator-types.ts'

/** Copies beyond the newest ones go when they are this old. */
const longestAge = 90 * 24 * 60 * 60 * 1000
const alwaysKept = 3
const mostKept = 10

/** In milliseconds. */
const tellEvery = 250

interface CopyPlace {
  readonly directory: string | undefined
}

/**
 * Copies the database before anything is written, and fails when that cannot be done: a migration without a way back is
 * not begun. Nothing is copied where there is nothing yet, where the app does not want it, or where the database lives
 * in memory alone. Keeps the three newest copies always, others up to ten and ninety days; while a
 * patch is half done, every copy from before it and the newest one since.
 *
 * @throws {DataLayerError} `corrupt`, `no-space` or `backup-failed`
 */
export async function backUp(
  connection: DriverConnection,
  options: MigrationOptions,
  voice: LaunchVoice,
  begun: readonly BegunPatch[],
): Promise<void> {
  const { copies } = connection
  if (options.backup === false || !copies || (await isEmpty(connection))) return
  const where = { directory: options.backupDirectory }
  const copy = await writeTold(copies, where, voice)
  voice.backedUp(copy)
  try {
    await removeOldCopies(copies, where, copy.location, begun.map(({ since }) => since).toSorted()[0])
  } catch (error) {
    // The new copy stands; that an old one is still there takes room and nothing else.
    voice.warnings.push(
      `An old backup could not be removed: ${error instanceof Error ? redactText(error.message) : 'no reason was given'}`,
    )
  }
}

/** A large copy takes its time: how far it is, is told often enough for nobody to take the launch for stuck. */
async function writeTold(copies: DriverCopies, where: CopyPlace, voice: LaunchVoice): Promise<StoredCopy> {
  let latest: CopyProgress = { done: 0, total: null }
  const timer = setInterval(() => voice.tell({ type: 'backup-progress', ...latest }), tellEvery)
  try {
    return await copies.write({ ...where, onProgress: (progress) => (latest = progress) })
  } finally {
    clearInterval(timer)
  }
}

async function removeOldCopies(
  copies: DriverCopies,
  where: CopyPlace,
  newest: string,
  begunSince: string | undefined,
): Promise<void> {
  const older = (await copies.list(where)).filter(({ location }) => location !== newest)
  for (const [index, { location, writtenAt }] of older.entries()) {
    // What a launch that fails again and again copies is the same half every time, and must not drive the whole one out.
    const isHalf = begunSince !== undefined && writtenAt > begunSince
    const kept = index + 1
    if (
      begunSince !== undefined
        ? isHalf
        : kept >= mostKept || (kept >= alwaysKept && Date.now() - Date.parse(writtenAt) > longestAge)
    ) {
      await copies.remove(location)
    }
  }
}

async function isEmpty(connection: StatementRunner): Promise<boolean> {
  const [result] = await connection.run([checkStatement({ text: 'SELECT count(*) FROM sqlite_schema' })])
  return Number(result?.rows[0]?.[0]) === 0
}
