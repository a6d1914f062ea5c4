import {
  mustHaveNoOrphans,
  mustNotOrphan,
  patchError,
  recordPatch,
  takeBaseline,
  type Applier,
  type Baseline,
} from './apply-patch.ts'
import { attachedObjects, putBackAttached } from '../checks/attached-objects.ts'
import { brokenForeignKeys, type BrokenKey } from '../checks/broken-foreign-keys.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import { keepMended } from '../checks/mended-keys.ts'
import { ownedSince } from '../ledger/owned-objects.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { patchTransaction } from './patch-transaction.ts'
import { readOnly } from '../checks/read-only.ts'
import { runCheck } from '../checks/run-check.ts'
import { readNote } from './pieces-note.ts'
import { isInPieces, runInPieces, tellLost } from './run-in-pieces.ts'
import { PieceWatch } from './watch-pieces.ts'
import { sql } from '../../sql.ts'
import { recordedSteps, runSteps } from './run-steps.ts'
import { registerSetUp } from '../set-up/register-set-up.ts'
import type { WriteSession, WrittenStatement } from './write-session.ts'

/** A patch that was applied, with the statements it ran. */
export interface AppliedPatch {
  readonly owned: OwnedPatch
  readonly statements: readonly WrittenStatement[]
}

/** What applying turned into: the patches that were applied, and those that asked to wait. */
export interface Applied {
  readonly patches: readonly AppliedPatch[]
  readonly waiting: readonly string[]
}

/** What applying has to know of the launch around it, and to tell it. */
export interface AroundPatches {
  /** The texts of all components' views and triggers. */
  readonly repeatables: readonly string[]
  /** Patches that are half done: they do not wait any more. */
  readonly begun: ReadonlySet<string>
  /** Told which patches are done whenever a piece is committed. */
  readonly committed: (patches: readonly AppliedPatch[]) => void
  /** `false` for a dry run. */
  readonly keep: boolean
}

/**
 * Applies patches in order, each with its checks, its foreign keys held against what they were, and its ledger row, all in
 * the session's one transaction. A patch that says it has to wait is left out, and with it what comes after it.
 */
export async function applyPatches(
  session: WriteSession,
  pending: readonly OwnedPatch[],
  applier: Applier,
  voice: LaunchVoice,
  { repeatables, begun, committed, keep }: AroundPatches,
): Promise<Applied> {
  const patches: AppliedPatch[] = []
  const commitPiece = async () => {
    await session.commitPiece()
    committed([...patches])
  }
  const waiting = new Set<string>()
  const stopped = new Set<string>()
  let before = await takeBaseline(session.tx)
  let broken: readonly BrokenKey[] = await brokenForeignKeys(session.tx)
  for (const [index, owned] of pending.entries()) {
    const { component, patch } = owned
    const reasons = begun.has(patch.name) ? [] : await patch.waitsFor?.(readOnly(session.tx), repeatables)
    if (stopped.has(component.name) || patch.requires?.some((name) => waiting.has(name)) || reasons?.length) {
      waiting.add(patch.name)
      stopped.add(component.name)
      for (const reason of reasons ?? []) voice.warnings.push(`${patch.name} waits: ${reason}`)
      continue
    }
    voice.mayGoOn()
    voice.tell({ type: 'patch', patch: patch.name, index: index + 1, total: pending.length })
    const { after, statements } = await applyPatch({ ...session, commitPiece }, owned, { applier, voice, keep }, before)
    before = after
    broken = await keepMended(session.tx, { component: component.name, patch: patch.name }, broken)
    patches.push({ owned, statements })
  }
  return { patches, waiting: [...waiting] }
}

async function applyPatch(
  session: WriteSession,
  owned: OwnedPatch,
  { applier, voice, keep }: { applier: Applier; voice: LaunchVoice; keep: boolean },
  before: Baseline,
): Promise<{ after: Baseline; statements: readonly WrittenStatement[] }> {
  const { component, patch } = owned
  const started = performance.now()
  const watcher = voice.ofPatch(patch.name)
  const tx = patchTransaction(session.tx, { component: component.name, patch: patch.name }, watcher)
  const begun = isInPieces(patch) ? await readNote(session.tx, patch.name) : undefined
  let watch: PieceWatch | undefined
  try {
    if (!begun) for (const check of patch.before ?? []) await runCheck(session.tx, check)
    const attached = await attachedObjects(session.tx)
    const { steps, recorder } = recordedSteps(session, patch.statements, watcher)
    if (isInPieces(patch)) {
      watch = await PieceWatch.of({ ...session, drops: watcher.drops }, owned, begun, before.violations)
      await runInPieces(session, tx, patch, watch, recorder)
    } else await runSteps(tx, patch.statements, recorder, session.rowsWritten)
    if (watch) for (const object of await watch.putBack()) await tellLost(tx, object)
    else await putBackAttached(session.tx, { component: component.name, before: attached, drops: watcher.drops })
    for (const check of patch.after ?? []) await runCheck(session.tx, check)
    const after = await takeBaseline(session.tx)
    if (watch) mustHaveNoOrphans(watch.orphaned(after.violations), patch.name)
    else await mustNotOrphan(before, after, patch.name)
    const created = watch?.created ?? (await ownedSince(session.tx, component.name, before.objects, after.objects))
    await session.tx.execute(sql`DELETE FROM selfsame_cursors WHERE patch = ${patch.name}`)
    await session.tx.execute(recordPatch(owned, applier, 'applied', performance.now() - started, created))
    await registerSetUp(session.tx, owned)
    return { after, statements: steps }
  } catch (error) {
    // A dry run commits none of its pieces.
    throw patchError(error, patch.name, keep ? (watch?.pieces ?? begun?.pieces) : begun?.pieces)
  }
}
