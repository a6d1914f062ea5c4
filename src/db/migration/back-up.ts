import { redactText } from '../../errors/index.ts'
import type { CopyProgress, DriverConnection, DriverCopies, StatementRunner, StoredCopy } from '../driver.ts'
import { checkStatement } from '../statement.ts'
import type { BegunPatch } from './ledger/ledger.ts'
import type { LaunchVoice } from './launch-voice.ts'
import type { MigrationOptions } from './migrator-types.ts'
import { readDataVersion, WrittenMeanwhile, type DataVersion } from './written-meanwhile.ts'

/** Copies beyond the newest ones go when they are this old. */
const longestAge = 90 * 24 * 60 * 60 * 1000
const alwaysKept = 3
const mostKept = 10

/** In milliseconds. */
const tellEvery = 250

/** Copies made before one is taken that may lack what was written last. */
const mostTries = 3

interface CopyPlace {
  readonly directory: string | undefined
}

/**
 * Copies the database before `work` writes to it, and fails when that cannot be done: a migration without a way back is
 * not begun. Nothing is copied where there is nothing yet, where the app does not want it, or where the database lives
 * in memory alone. Keeps the three newest copies always, others up to ten and ninety days; while a patch is half done, of
 * whatever component, every copy from before it and the three newest.
 *
 * @param work is given what to hold against the database as it is when the write lock is had; where another connection has
 * committed since the copy was begun, it is made again
 * @throws {DataLayerError} `corrupt`, `no-space` or `backup-failed`
 */
export async function withBackUp<T>(
  connection: DriverConnection,
  { options, voice, begun }: { options: MigrationOptions; voice: LaunchVoice; begun: readonly BegunPatch[] },
  work: (copied: DataVersion | undefined) => Promise<T>,
): Promise<T> {
  const { copies } = connection
  if (options.backup === false || !copies || (await isEmpty(connection))) return work(undefined)
  const where = { directory: options.backupDirectory }
  let outdated: StoredCopy | undefined
  for (let tries = 1; ; tries += 1) {
    const version = await readDataVersion(connection)
    const copy = await writeTold(copies, where, voice)
    voice.backedUp(copy)
    if (outdated) await tellIfKept(voice, () => copies.remove(outdated!.location))
    await tellIfKept(voice, () => removeOldCopies(copies, where, copy.location, earliest(begun)))
    try {
      return await work(version)
    } catch (error) {
      if (!(error instanceof WrittenMeanwhile)) throw error
    }
    voice.mayGoOn()
    if (tries === mostTries) {
      voice.warnings.push('Another connection keeps writing: what it wrote last may not be in the backup.')
      return work(undefined)
    }
    outdated = copy
  }
}

function earliest(begun: readonly BegunPatch[]): string | undefined {
  return begun.map(({ since }) => since).toSorted()[0]
}

/** The new copy stands; that an old one is still there takes room and nothing else. */
async function tellIfKept(voice: LaunchVoice, remove: () => Promise<void>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    const reason = error instanceof Error ? redactText(error.message) : 'no reason was given'
    voice.warnings.push(`An old backup could not be removed: ${reason}`)
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
    const isTooMany =
      begunSince === undefined
        ? index + 1 >= mostKept || Date.now() - Date.parse(writtenAt) > longestAge
        : writtenAt > begunSince
    if (index + 1 >= alwaysKept && isTooMany) await copies.remove(location)
  }
}

async function isEmpty(connection: StatementRunner): Promise<boolean> {
  const [result] = await connection.run([checkStatement({ text: 'SELECT count(*) FROM sqlite_schema' })])
  return Number(result?.rows[0]?.[0]) === 0
}
