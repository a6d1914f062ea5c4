import { sql } from '../../sql.ts'
import { mustNotOrphan, patchError, recordPatch, takeBaseline, type Applier } from './apply-patch.ts'
import type { AppliedPatch } from './apply-patches.ts'
import type { Component, Patch } from '../component.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import { createdSince } from '../ledger/owned-objects.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { patchTransaction } from './patch-transaction.ts'
import { registerSetUp } from '../set-up/register-set-up.ts'
import { runCheck } from '../checks/run-check.ts'
import { recordedSteps, runSteps } from './run-steps.ts'
import type { WriteSession } from './write-session.ts'

/** A component none of whose patches is applied, in a database without any object, is created in one step. */
export async function applyBaselines(
  session: WriteSession,
  pending: readonly OwnedPatch[],
  applier: Applier,
  voice: LaunchVoice,
  repeatables: readonly string[],
): Promise<AppliedPatch[]> {
  const done: AppliedPatch[] = []
  const [{ objects = 1 } = {}] = await session.tx.query<{ objects: number }>(
    sql`SELECT count(*) AS objects FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB 'selfsame_*'`,
  )
  // Only an empty database: anything there could be what one of the folded patches looks for and treats with care.
  if (Number(objects) > 0) return done
  for (const component of new Set(pending.map((owned) => owned.component))) {
    const folded = foldedPatches(component)
    const isWhole = folded.every((patch) => pending.some((owned) => owned.patch === patch))
    // What requires a patch that is still to come is replayed in its turn.
    const isNext = folded.every(({ requires = [] }) =>
      requires.every((name) =>
        [...folded, ...done.map(({ owned }) => owned.patch)].some((patch) => patch.name === name),
      ),
    )
    if (folded.length === 0 || !isWhole || !isNext) continue
    // A folded patch may have to wait for a view or a trigger to come. It can only be asked once those before it have run.
    if (repeatables.length > 0 && folded.some(({ waitsFor }) => waitsFor)) continue
    done.push(...(await applyBaseline(session, component, folded, applier, voice)))
  }
  return done
}

function foldedPatches({ baseline, patches }: Component): readonly Patch[] {
  return baseline ? patches.slice(0, patches.findIndex(({ name }) => name === baseline.through) + 1) : []
}

async function applyBaseline(
  session: WriteSession,
  component: Component,
  folded: readonly Patch[],
  applier: Applier,
  voice: LaunchVoice,
): Promise<AppliedPatch[]> {
  const { through = '', statements = [] } = component.baseline ?? {}
  const label = `${component.name}'s baseline`
  const before = await takeBaseline(session.tx)
  voice.tell({ type: 'patch', patch: through, index: 1, total: 1 })
  const started = performance.now()
  const watcher = voice.ofPatch(through)
  const { steps, recorder } = recordedSteps(session, statements, watcher)
  try {
    const tx = patchTransaction(session.tx, { component: component.name, patch: through }, watcher)
    await runSteps(tx, statements, recorder, session.rowsWritten)
    for (const check of folded.flatMap(({ after = [] }) => after)) await runCheck(session.tx, check)
    await mustNotOrphan(before, await takeBaseline(session.tx), label)
  } catch (error) {
    throw patchError(error, label)
  }
  const created = await createdSince(session.tx, before.objects)
  const applied: AppliedPatch[] = []
  for (const [index, patch] of folded.entries()) {
    const owned = { component, patch }
    const [duration, objects] = index === 0 ? [performance.now() - started, created] : [0, []]
    await session.tx.execute(recordPatch(owned, applier, 'baseline', duration, objects))
    await registerSetUp(session.tx, owned)
    applied.push({ owned, statements: patch.name === through ? steps : [] })
  }
  return applied
}
