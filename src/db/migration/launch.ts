import { DataLayerError } from '../../errors/index.ts'
import { transactionScope } from '../database.ts'
import type { DriverConnection, StatementRunner } from '../driver.ts'
import { checkStatement } from '../statement.ts'
import type { Assessment } from './ledger/assess-history.ts'
import type { BegunPatch } from './ledger/ledger.ts'
import { withBackUp } from './back-up.ts'
import type { Component } from './component.ts'
import { dropStatementsAreKept } from './drop-statements.ts'
import { brokenInvariants, promisedInvariants } from './checks/invariants.ts'
import { underLaunchLock, type MigrationTarget } from './launch-lock.ts'
import type { LaunchReport } from './launch-report.ts'
import type { LaunchVoice } from './launch-voice.ts'
import { migrateSession } from './patches/migrate-session.ts'
import type { MigrationOptions } from './migrator-types.ts'
import { preflight } from './preflight.ts'
import { readAssessment } from './ledger/read-assessment.ts'
import { mustHaveNoProblem, outcomeOf } from './refusal.ts'
import { knownToTheEnd, repeatablesAreCurrent } from './repeatables/repeatables.ts'
import { whatWasThrown } from './checks/what-was-thrown.ts'
import { withoutWaiting } from './without-waiting.ts'

interface Inspection extends Assessment {
  readonly isCurrent: boolean
  readonly begun: readonly BegunPatch[]
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
  try {
    const first = await look(target.connection, components, options)
    if (first.isCurrent) return voice.report('current', { held: first.held })
    const done = await underLaunchLock(target.driver, options, voice, () =>
      launchUnderLock(target.connection, components, options, voice),
    )
    return voice.report(...done)
  } catch (caught) {
    const error = asDataLayerError(caught, voice)
    return voice.report(outcomeOf(error), { error })
  }
}

async function launchUnderLock(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
  voice: LaunchVoice,
): Promise<Parameters<LaunchVoice['report']>> {
  const inspection = await inspect(connection, components, options)
  if (inspection.isCurrent) return ['current', { held: inspection.held }]
  voice.tell({ type: 'planned', patches: inspection.pending.map(({ patch }) => patch.name), held: inspection.held })
  voice.mayGoOn()
  const done = await withBackUp(connection, { options, voice, begun: inspection.begun }, (copied) =>
    migrateSession(connection, components, { ...options, copied }, voice, true),
  )
  const applied = done.applied.map(({ owned }) => owned.patch.name)
  return [voice.repairs.length > 0 ? 'repaired' : 'migrated', { applied, adopted: done.adopted, held: done.held }]
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
  const read = await readAssessment(connection, components, options)
  mustHaveNoProblem(read.problems)
  const reader = transactionScope((statements) => connection.run(statements))
  const assessment = await withoutWaiting(reader, components, read)
  const { history, adoptable, present } = read
  const known = knownToTheEnd(components, history.ledger)
  const isCurrent =
    history.recorded &&
    adoptable.length === 0 &&
    assessment.pending.length === 0 &&
    repeatablesAreCurrent(known, history.repeatables, assessment.held) &&
    dropStatementsAreKept(known, history) &&
    (await brokenInvariants(connection, promisedInvariants(components, present))).length === 0
  if (!isCurrent) await preflight(reader, components, { ...assessment, history })
  return { ...assessment, isCurrent, begun: history.begun }
}

function asDataLayerError(error: unknown, { backup, committed }: LaunchVoice): DataLayerError {
  const details = backup === null ? {} : { backup }
  if (error instanceof DataLayerError) {
    if (backup === null) return error
    const context = { details: { ...error.details, ...details }, sqlite: error.sqlite, cause: error.cause }
    return new DataLayerError(error.code, error.message, context)
  }
  return new DataLayerError(
    'patch-failed',
    `The launch failed${committed ? '; what it had committed stays' : ' and was undone'}: ${whatWasThrown(error)}`,
    { details, cause: error },
  )
}
