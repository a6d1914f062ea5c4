import { DataLayerError, redactText } from '../../errors/index.ts'
import { transactionScope } from '../database.ts'
import type { DriverConnection } from '../driver.ts'
import { findAdoptable } from './adopt.ts'
import { assessHistory, type Assessment } from './assess-history.ts'
import type { Component, PatchStep } from './component.ts'
import { LaunchVoice, outcomeOf } from './launch-voice.ts'
import { readHistory } from './ledger.ts'
import { ledgerEntryOf } from './ledger-entry.ts'
import { migrateSession } from './migrate-session.ts'
import type { MigrationOptions, MigrationPlan, PlannedStep, PlanProblem } from './migrator-types.ts'
import { offendingRows } from './run-check.ts'

/**
 * What a launch would do, found by doing it in a transaction that is rolled back: the same code, so that a plan without
 * problems is a migration without problems. Changes nothing, and copies nothing.
 */
export async function plan(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
): Promise<MigrationPlan> {
  const { pending, held, problems } = await assess(connection, components, options)
  if (problems.length > 0) return { steps: [], problems: problems.map(toProblem), held }
  try {
    const done = await migrateSession(connection, components, options, new LaunchVoice(), false)
    const baselined: PlannedStep[] = pending
      .filter(({ patch }) => done.baselined.includes(patch.name))
      .map(({ component, patch }) => ({
        component: component.name,
        patch: patch.name,
        statements: patch.name === component.baseline?.through ? component.baseline.statements : [],
        rows: [],
      }))
    const steps = done.applied.patches.map(({ owned, written, rows }) => ({
      component: owned.component.name,
      patch: owned.patch.name,
      statements: owned.patch.statements.every(isText) ? owned.patch.statements.map(textOf) : written,
      rows,
    }))
    return { steps: [...baselined, ...steps], problems: [], held: done.held }
  } catch (error) {
    return { steps: [], problems: [toProblem(error)], held }
  }
}

async function assess(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
): Promise<Assessment> {
  try {
    const { ledger, begun } = await readHistory(connection)
    const reader = transactionScope((statements) => connection.run(statements))
    const adoptable = await findAdoptable(reader, components, ledger)
    return assessHistory(components, [...ledger, ...adoptable.map(ledgerEntryOf)], options, begun)
  } catch (error) {
    if (!(error instanceof DataLayerError) || outcomeOf(error) !== 'refused') throw error
    return { pending: [], held: [], problems: [error] }
  }
}

function isText(step: PatchStep): boolean {
  return typeof step === 'string' || 'text' in step
}

function textOf(step: PatchStep): string {
  return typeof step === 'string' ? step : 'text' in step ? step.text : ''
}

function toProblem(error: unknown): PlanProblem {
  if (!(error instanceof DataLayerError)) {
    return { code: 'patch-failed', message: error instanceof Error ? redactText(error.message) : 'A patch threw.' }
  }
  const rows = offendingRows(error)
  return { code: error.code, message: error.message, ...(rows ? { rows } : {}) }
}
