import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import type { Component } from './component.ts'
import type { ReadAssessment } from './ledger/read-assessment.ts'
import { mustHaveNoProblem } from './refusal.ts'
import { inheritRows, runCheck } from './checks/run-check.ts'

/**
 * Asks the conditions of each component's first pending patch before anything is written. Those of later patches may
 * speak of what the first one makes, and are asked in their turn.
 *
 * @throws {DataLayerError} the first failed check's code, `details.patch` naming its patch
 */
export async function preflight(
  reader: Queryable,
  components: readonly Component[],
  { pending, history }: Pick<ReadAssessment, 'pending' | 'history'>,
): Promise<void> {
  const problems: DataLayerError[] = []
  for (const component of components) {
    const patch = pending.find((owned) => owned.component === component)?.patch
    // Its conditions were asked when it was begun; the pieces that are done may have changed the answer.
    if (history.begun.some(({ name }) => name === patch?.name)) continue
    for (const check of patch?.before ?? []) {
      try {
        await runCheck(reader, check)
      } catch (error) {
        if (!(error instanceof DataLayerError)) throw error
        // It may ask of a table that an earlier statement of this launch makes.
        if (error.code === 'sqlite') continue
        problems.push(withPatch(error, patch?.name ?? ''))
      }
    }
  }
  mustHaveNoProblem(problems)
}

function withPatch(error: DataLayerError, patch: string): DataLayerError {
  const message = error.code === 'patch-failed' ? `${patch} cannot be applied: ${error.message}` : error.message
  const details = { ...error.details, patch }
  return inheritRows(error, new DataLayerError(error.code, message, { details, sqlite: error.sqlite }))
}
