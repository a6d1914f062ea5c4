import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { readOnly } from './checks/read-only.ts'
import { whatWasThrown } from './checks/what-was-thrown.ts'
import type { Assessment } from './ledger/assess-history.ts'
import type { Component, Patch } from './component.ts'
import type { ReadAssessment } from './ledger/read-assessment.ts'
import type { OwnedPatch } from './patch-order.ts'
import { repeatablesOf } from './repeatables/repeatables.ts'

/** Leaves out patches that wait for something in the database itself, so that a launch that can do nothing does nothing. */
export async function withoutWaiting(
  reader: Queryable,
  components: readonly Component[],
  { history, ...assessment }: Assessment & Pick<ReadAssessment, 'history'>,
): Promise<Assessment> {
  const repeatables = repeatablesOf(components).map(({ text }) => text)
  const waiting = new Set<string>()
  const stopped = new Set<Component>()
  for (const component of components) {
    const first = assessment.pending.find((owned) => owned.component === component)
    // Half of a patch is worse than either end.
    if (history.begun.some(({ name }) => name === first?.patch.name)) continue
    const reasons = first ? await whatItWaitsFor(first.patch, reader, repeatables) : []
    if (reasons.length > 0) stopped.add(component)
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

/** @throws {DataLayerError} `patch-failed` where its code throws something that may quote a row */
async function whatItWaitsFor(patch: Patch, reader: Queryable, repeatables: readonly string[]) {
  try {
    return (await patch.waitsFor?.(readOnly(reader), repeatables)) ?? []
  } catch (error) {
    if (error instanceof DataLayerError) throw error
    const message = `${patch.name} could not say what it waits for: ${whatWasThrown(error)}`
    throw new DataLayerError('patch-failed', message, { details: { patch: patch.name }, cause: error })
  }
}
