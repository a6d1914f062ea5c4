import { DataLayerError, redactText } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { transactionScope } from '../database.ts'
import type { DriverConnection } from '../driver.ts'
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
import type { OwnedPatch } from './patch-order.ts'
import { repeatablesAreCurrent } from './repeatables.ts'
import { inheritRows, runCheck } from './run-check.ts'
import { isInPieces, readBeginning } from './run-in-pieces.ts'

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
  let backup: string | null = null
  try {
    const first = await inspect(target.connection, components, options)
    if (first.isCurrent) return voice.report('current', { held: first.held })
    const release = await takeLaunchLock(target.driver, options, voice)
    try {
      const inspection = await inspect(target.connection, components, options)
      if (inspection.isCurrent) return voice.report('current', { held: inspection.held })
      voice.tell({
        type: 'planned',
        patches: inspection.pending.map(({ patch }) => patch.name),
        held: inspection.held,
      })
      voice.mayGoOn()
      const copy = await backUp(target.connection, options)
      if (copy) {
        backup = copy.location
        voice.tell({ type: 'backup', location: copy.location, bytes: copy.bytes })
      }
      const done = await migrateSession(target.connection, components, options, voice, true)
      const applied = [...done.baselined, ...done.applied.patches.map(({ owned }) => owned.patch.name)]
      return voice.report(voice.repairs.length > 0 ? 'repaired' : 'migrated', {
        applied,
        adopted: done.adopted,
        held: done.held,
        backup,
      })
    } finally {
      await release()
    }
  } catch (caught) {
    const error = asDataLayerError(caught, backup)
    return voice.report(outcomeOf(error), { backup, error })
  }
}

/**
 * What there is to do, found by reading alone.
 *
 * @throws {DataLayerError} why the database is refused
 */
async function inspect(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
): Promise<Inspection> {
  const history = await readHistory(connection)
  const reader = transactionScope((statements) => connection.run(statements))
  const adoptable = await findAdoptable(reader, components, history.ledger)
  const ledger = [...history.ledger, ...adoptable.map(ledgerEntryOf)]
  const assessed = assessHistory(components, ledger, options)
  if (assessed.problems[0]) throw assessed.problems[0]
  const assessment = await withoutWaiting(reader, components, assessed)
  const applied = new Set(ledger.map(({ name }) => name))
  const nothingToApply = history.recorded && adoptable.length === 0 && assessment.pending.length === 0
  const isCurrent =
    nothingToApply &&
    repeatablesAreCurrent(components, history.repeatables) &&
    (await brokenInvariants(connection, promisedInvariants(components, applied))).length === 0
  if (!isCurrent) await preflight(reader, components, assessment, history)
  return { ...assessment, history, adopted: adoptable.map(({ patch }) => patch.name), isCurrent }
}

/** Leaves out patches that wait for something in the database itself, so that a launch that can do nothing does nothing. */
async function withoutWaiting(
  reader: Queryable,
  components: readonly Component[],
  assessment: Assessment,
): Promise<Assessment> {
  const waiting = new Set<string>()
  const stopped = new Set<Component>()
  for (const component of components) {
    const first = assessment.pending.find((owned) => owned.component === component)
    const reasons = await first?.patch.waitsFor?.(reader)
    if (reasons?.length) stopped.add(component)
  }
  // In the order of the patches, so that what needs a waiting one waits too, and what needs that.
  for (const { component, patch } of assessment.pending) {
    if (!stopped.has(component) && !patch.requires?.some((name) => waiting.has(name))) continue
    stopped.add(component)
    waiting.add(patch.name)
  }
  const waits = ({ patch }: OwnedPatch) => waiting.has(patch.name)
  const pending = assessment.pending.filter((owned) => !waits(owned))
  const held = [...assessment.held, ...assessment.pending.filter(waits).map(({ patch }) => patch.name)]
  return { ...assessment, pending, held }
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
  const reason = error instanceof Error ? redactText(error.message) : 'something that is no error was thrown'
  return new DataLayerError('patch-failed', `The launch failed and was undone: ${reason}`, { details, cause: error })
}
