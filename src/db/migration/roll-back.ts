import { DataLayerError } from '../../errors/index.ts'
import { sql } from '../sql.ts'
import { foldName } from '../sql-text/names.ts'
import { mustNotOrphan, patchError, takeBaseline, type Baseline } from './patches/apply-patch.ts'
import { mustKnowHistory, mustNotUndermine } from './ledger/known-history.ts'
import { withBackUp } from './back-up.ts'
import { attachedObjects, putBackAttached } from './checks/attached-objects.ts'
import type { BrokenKey } from './checks/broken-foreign-keys.ts'
import type { Component, Patch } from './component.ts'
import { keepDropStatements } from './drop-statements.ts'
import { createRepeatables } from './repeatables/create-repeatables.ts'
import { dropRepeatables } from './repeatables/drop-repeatables.ts'
import { knownToTheEnd } from './repeatables/repeatables.ts'
import { changeUnderLock, type MigrationTarget } from './launch-lock.ts'
import type { LaunchVoice } from './launch-voice.ts'
import { readHistory, type History } from './ledger/ledger.ts'
import { mendedBy } from './checks/mended-keys.ts'
import { mustNotBeBegun } from './patches/run-in-pieces.ts'
import type { MigrationOptions, RollbackReport } from './migrator-types.ts'
import {
  addObjects,
  dropObjects,
  ownedSince,
  schemaObjects,
  setUpObjects,
  type SchemaObjects,
} from './ledger/owned-objects.ts'
import { patchOrder, type OwnedPatch } from './patch-order.ts'
import { patchTransaction } from './patches/patch-transaction.ts'
import { runSteps } from './patches/run-steps.ts'
import { mustStillWork, nameKey, whatIsBroken } from './checks/still-works.ts'
import type { WriteSession } from './patches/write-session.ts'
import { recordedSession } from './patches/recorded-session.ts'

/**
 * Undoes patches, newest first, in one transaction with the guarantees of a launch: backup, foreign keys, views. Goes back
 * to `to`, which stays; without it, as far as patches declare how they are undone and nothing that stays requires them: what
 * stays for that, and for what, is in the report's warnings.
 *
 * @throws {DataLayerError} with `to`, `unsupported` when a patch in the way cannot be undone and `missing-requirement` when
 * one that stays requires one that would go; and whatever a launch may meet
 */
export async function rollBack(
  target: MigrationTarget,
  components: readonly Component[],
  options: MigrationOptions,
  to: string | undefined,
  voice: LaunchVoice,
): Promise<RollbackReport> {
  const work = async () => {
    const history = await readHistory(target.connection)
    const { recorded, ledger, begun } = history
    if (!recorded) return { reverted: [], backup: null }
    mustKnowHistory(components, history)
    const undo = choosePatches(components, history, to, voice)
    mustNotBeBegun(new Set(components.map(({ name }) => name)), begun)
    if (undo.length === 0) return { reverted: [], backup: null }
    const reverted = undo.map(({ patch }) => patch.name)
    voice.tell({ type: 'planned', patches: reverted, held: [] })
    voice.mayGoOn()
    await withBackUp(target.connection, { options, voice, begun }, (copied) =>
      recordedSession(target.connection, { ...options, voice, copied }, (session) =>
        revertAll(session, knownToTheEnd(components, ledger), undo, voice),
      ),
    )
    return { reverted, backup: voice.backup }
  }
  return changeUnderLock(target, options, voice, work, ({ reverted }) => reverted.length > 0)
}

function choosePatches(
  components: readonly Component[],
  { ledger, begun }: History,
  to: string | undefined,
  voice: LaunchVoice,
): OwnedPatch[] {
  const applied = new Set(ledger.map(({ name }) => name))
  const adopted = new Set(ledger.filter(({ outcome }) => outcome === 'adopted').map(({ name }) => name))
  const newestFirst = patchOrder(components)
    .filter(({ patch }) => applied.has(patch.name))
    .toReversed()
  const limit = newestFirst.find(({ patch }) => patch.name === to)
  if (to !== undefined && !limit) {
    throw new DataLayerError('unsupported', `${to} is not applied here, so there is no going back to it.`)
  }
  const undo: OwnedPatch[] = []
  const going = new Set<string>()
  const lasting = new Set<string>()
  const stopped = new Set<Component>()
  for (const owned of newestFirst) {
    if (limit ? owned.component !== limit.component : stopped.has(owned.component)) continue
    if (owned === limit) break
    const { component, patch } = owned
    const stays = [...ledger, ...begun].find(({ name, requires }) => !going.has(name) && requires.includes(patch.name))
    // What an adopted patch found is not the engine's to take away, unless the patch says that its way back keeps it.
    const isOurs = !adopted.has(patch.name) || patch.revertsAdopted
    const hasWay = patch.revert && isOurs
    if (hasWay && (limit || !stays)) {
      undo.push(owned)
      going.add(patch.name)
      continue
    }
    if (limit) throw new DataLayerError('unsupported', `${patch.name} says no way to undo it.`)
    stopped.add(component)
    if (!hasWay) lasting.add(patch.name)
    else if (stays) {
      const why = lasting.has(stays.name) ? ', which says no way to undo it' : ''
      voice.warnings.push(`${patch.name} stays: it is required by ${stays.name}${why}.`)
    }
  }
  for (const component of new Set(undo.map((owned) => owned.component))) mustNotUndermine(component, ledger)
  for (const entry of [...ledger, ...begun]) {
    const needed = going.has(entry.name) ? [] : entry.requires.filter((name) => going.has(name))
    if (needed.length > 0) {
      throw new DataLayerError('missing-requirement', `${entry.name} requires ${needed.join(', ')}; undo it first.`, {
        details: { missing: needed, requiredBy: [{ patch: entry.name, missing: needed }] },
      })
    }
  }
  return undo
}

async function revertAll(
  session: WriteSession,
  components: readonly Component[],
  undo: readonly OwnedPatch[],
  voice: LaunchVoice,
): Promise<void> {
  const { tx } = session
  const broken = new Set(await whatIsBroken(tx))
  const triggers = await dropRepeatables(tx, components)
  let before = await takeBaseline(tx)
  for (const [index, owned] of undo.entries()) {
    voice.mayGoOn()
    voice.tell({ type: 'patch', patch: owned.patch.name, index: index + 1, total: undo.length })
    try {
      // Keys that did not work before the patch either: going back means as it was.
      for (const key of await revert(session, owned, before.objects, voice)) broken.add(nameKey(key))
      const after = await takeBaseline(tx)
      await mustNotOrphan(before, withoutReturned(after, owned.patch), owned.patch.name)
      before = after
    } catch (error) {
      throw patchError(error, owned.patch.name)
    }
  }
  await createRepeatables(tx, components, {
    mayWait: () => true,
    skipped: (name) => voice.warnings.push(`${name} is left out: it needs what was undone.`),
    triggers,
  })
  // They stood in the newest row, which is gone.
  await keepDropStatements(tx, components)
  await mustStillWork(tx, broken, 'After going back')
}

/** Leaves out the orphans that the patch itself had put right, and that going back means to have again. */
function withoutReturned(after: Baseline, { orphansComeBackIn = [] }: Patch): Baseline {
  const returned = new Set(orphansComeBackIn.map(foldName))
  const violations = after.violations.filter(
    ({ table, columns }) => !returned.has(foldName(`${table}.${columns.join()}`)),
  )
  return { ...after, violations }
}

async function revert(
  session: WriteSession,
  { component, patch }: OwnedPatch,
  before: SchemaObjects,
  voice: LaunchVoice,
): Promise<readonly BrokenKey[]> {
  const watcher = voice.ofPatch(patch.name)
  const origin = { component: component.name, patch: patch.name }
  const tx = patchTransaction(session.tx, origin, watcher)
  const mended = await mendedBy(session.tx, origin)
  const attached = await attachedObjects(session.tx)
  await dropObjects(session.tx, await setUpObjects(session.tx, origin))
  await runSteps(tx, patch.revert ?? [], watcher, session.rowsWritten)
  await putBackAttached(session.tx, { component: component.name, before: attached, drops: watcher.drops })
  const made = await ownedSince(session.tx, component.name, before, await schemaObjects(session.tx))
  await session.tx.execute(sql`DELETE FROM selfsame_ledger WHERE name = ${patch.name}`)
  await session.tx.execute(sql`DELETE FROM selfsame_set_up WHERE patch = ${patch.name}`)
  await addObjects(session.tx, component.name, made)
  await tx.giveBack(mended.map(({ id }) => id))
  return mended
}
