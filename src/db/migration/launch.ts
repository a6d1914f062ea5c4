import { DataLayerError, redactText } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { transactionScope } from '../database.ts'
import { checkStatement } from '../statement.ts'
import type { DriverConnection, StatementRunner } from '../driver.ts'
import { findAdoptable } from './adopt.ts'
import { ledgerEntryOf } from './ledger-entry.ts'
import { assessHistory, type Assessment } from './assess-history.ts'
import { backUp } from './back-up.ts'
import type { Component } from './component.ts'
import { brokenInvariants, promisedInvariants } from './invariants.ts'
import type { LaunchReport } from './launch-report.ts'
import { takeLaunchLock, type MigrationTarget } from './launch-lock.ts'
import { outcomeOf, type LaunchVoice } from './launch-voice.ts'
import { readHistory, type History } from './ledger.ts'
import { migrateSession } from './migrate-session.ts'
import type { MigrationOptions } from './migrator-types.ts'
import { repeatablesAreCurrent } from './repeatables.ts'
import { inheritRows, runCheck } from './run-check.ts'
import { isInPieces, readBeginning } from './run-in-pieces.ts'
import { withoutWaiting } from './without-waiting.ts'

interface Inspection extends Assessment {
  readonly history: History
  readonly adopted: readonly string[]
  readonly isCurrent: boolean
}

/**
 * Brings a database up to what the app's components want. Looks first, without writing a byte; takes the launch lock only
 * when something is to be done, and looks again under it.
 */
export async function launch(
  target: MigrationTarget,
  components: readonly Component[],
  options: MigrationOptions,
  voice: LaunchVoice,
): Promise<LaunchReport> {
  const backup: Backup = { location: null }
  try {
    const first = await look(target.connection, components, options)
    if (first.isCurrent) return voice.report('current', { held: first.held })
    const release = await takeLaunchLock(target.driver, options, voice)
    let done: Parameters<LaunchVoice['report']>
    try {
      done = await launchUnderLock(target.connection, components, options, voice, backup)
    } finally {
      // What was committed stays so: a lock that stays behind is a warning, and the driver's to take over.
      await release().catch((error: unknown) =>
        voice.warnings.push(`The launch lock was not let go: ${reasonOf(error)}`),
      )
    }
    return voice.report(...done)
  } catch (caught) {
    const error = asDataLayerError(caught, backup.location)
    return voice.report(outcomeOf(error), { backup: backup.location, error })
  }
}

/** Where the copy went, known to the launch even when what comes after it fails. */
interface Backup {
  location: string | null
}

async function launchUnderLock(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
  voice: LaunchVoice,
  backup: Backup,
): Promise<Parameters<LaunchVoice['report']>> {
  const inspection = await inspect(connection, components, options)
  if (inspection.isCurrent) return ['current', { held: inspection.held }]
  voice.tell({ type: 'planned', patches: inspection.pending.map(({ patch }) => patch.name), held: inspection.held })
  voice.mayGoOn()
  const copy = await backUp(connection, options, (message) => voice.warnings.push(message))
  if (copy) {
    backup.location = copy.location
    voice.tell({ type: 'backup', location: copy.location, bytes: copy.bytes })
  }
  const done = await migrateSession(connection, components, options, voice, true)
  const applied = [...done.baselined, ...done.applied.patches.map(({ owned }) => owned.patch.name)]
  const facts = { applied, adopted: done.adopted, held: done.held, backup: backup.location }
  return [voice.repairs.length > 0 ? 'repaired' : 'migrated', facts]
}

/**
 * The first look, without the lock. It is several reads, and another process may commit between two of them: a refusal
 * counts when it is found again in one read transaction.
 */
async function look(connection: DriverConnection, components: readonly Component[], options: MigrationOptions) {
  try {
    return await inspect(connection, components, options)
  } catch (error) {
    if (!(error instanceof DataLayerError) || outcomeOf(error) !== 'refused') throw error
  }
  const session = await connection.reserve()
  try {
    await session.run([checkStatement({ text: 'BEGIN' })])
    return await inspect(session, components, options)
  } finally {
    await session.release()
  }
}

/**
 * What there is to do, found by reading alone.
 *
 * @throws {DataLayerError} why the database is refused
 */
async function inspect(
  connection: StatementRunner,
  components: readonly Component[],
  options: MigrationOptions,
): Promise<Inspection> {
  const history = await readHistory(connection)
  const reader = transactionScope((statements) => connection.run(statements))
  const adoptable = await findAdoptable(reader, components, history.ledger)
  const ledger = [...history.ledger, ...adoptable.map(ledgerEntryOf)]
  const assessed = assessHistory(components, ledger, options, history.begun)
  if (assessed.problems[0]) throw assessed.problems[0]
  const assessment = await withoutWaiting(reader, components, assessed)
  const applied = new Set(ledger.map(({ name }) => name))
  const nothingToApply = history.recorded && adoptable.length === 0 && assessment.pending.length === 0
  const isCurrent =
    nothingToApply &&
    repeatablesAreCurrent(components, history.repeatables, assessment.held) &&
    (await brokenInvariants(connection, promisedInvariants(components, applied))).length === 0
  if (!isCurrent) await preflight(reader, components, assessment, history)
  return { ...assessment, history, adopted: adoptable.map(({ patch }) => patch.name), isCurrent }
}

/**
 * Asks the conditions of each component's first pending patch before anything is written. Those of later patches may
 * speak of what the first one makes, and are asked in their turn.
 */
async function preflight(
  reader: Queryable,
  components: readonly Component[],
  { pending }: Assessment,
  { recorded }: History,
): Promise<void> {
  for (const component of components) {
    const patch = pending.find((owned) => owned.component === component)?.patch
    // Its conditions were asked when it was begun; the pieces that are done may have changed the answer.
    if (patch && recorded && isInPieces(patch) && (await readBeginning(reader, patch.name))) continue
    for (const check of patch?.before ?? []) {
      try {
        await runCheck(reader, check)
      } catch (error) {
        if (error instanceof DataLayerError && error.code === 'sqlite') continue
        throw error
      }
    }
  }
}

function asDataLayerError(error: unknown, backup: string | null): DataLayerError {
  const details = backup === null ? {} : { backup }
  if (error instanceof DataLayerError) {
    if (backup === null) return error
    const context = { details: { ...error.details, ...details }, sqlite: error.sqlite, cause: error.cause }
    return inheritRows(error, new DataLayerError(error.code, error.message, context))
  }
  const context = { details, cause: error }
  return new DataLayerError('patch-failed', `The launch failed and was undone: ${reasonOf(error)}`, context)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? redactText(error.message) : 'something that is no error was thrown'
}
