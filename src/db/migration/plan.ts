import { DataLayerError, withoutBigInts } from '../../errors/index.ts'
import type { DriverConnection } from '../driver.ts'
import type { Component } from './component.ts'
import { LaunchVoice } from './launch-voice.ts'
import { migrateSession } from './patches/migrate-session.ts'
import type { MigrationOptions, MigrationPlan, PlanProblem } from './migrator-types.ts'
import { readAssessment } from './ledger/read-assessment.ts'
import { outcomeOf } from './refusal.ts'
import { offendingRows } from './checks/run-check.ts'
import { whatWasThrown } from './checks/what-was-thrown.ts'

/**
 * What a launch would do, found by doing it in a transaction that is rolled back: the same code, so that a plan without
 * problems is a migration without problems. Changes nothing, and copies nothing.
 */
export async function plan(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions,
): Promise<MigrationPlan> {
  const nothing = { steps: [], repeatables: [], adopted: [], repairs: [], warnings: [] }
  const { held, problems } = await assess(connection, components, options)
  if (problems.length > 0) return { ...nothing, problems: problems.map(toProblem), held }
  const voice = new LaunchVoice()
  try {
    const {
      applied,
      adopted,
      repeatables,
      held: waiting,
    } = await migrateSession(connection, components, options, voice, false)
    const steps = applied.map(({ owned, statements }) => ({
      component: owned.component.name,
      patch: owned.patch.name,
      statements: statements.map(({ text }) => text),
      rows: statements.map(({ rows }) => rows),
    }))
    return {
      steps,
      repeatables,
      adopted,
      repairs: voice.repairs,
      warnings: voice.warnings,
      problems: [],
      held: waiting,
    }
  } catch (error) {
    return { ...nothing, problems: [toProblem(error)], held }
  }
}

async function assess(connection: DriverConnection, components: readonly Component[], options: MigrationOptions) {
  try {
    return await readAssessment(connection, components, options)
  } catch (error) {
    if (!(error instanceof DataLayerError) || outcomeOf(error) !== 'refused') throw error
    return { held: [], problems: [error] }
  }
}

function toProblem(error: unknown): PlanProblem {
  if (!(error instanceof DataLayerError)) {
    return { code: 'patch-failed', message: `A patch failed: ${whatWasThrown(error)}` }
  }
  const rows = offendingRows(error)
  return { code: error.code, message: error.message, ...(rows ? { rows: rows.map(withoutBigInts) } : {}) }
}
