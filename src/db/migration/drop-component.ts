import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { sql } from '../sql.ts'
import { mustNotOrphan, patchError, takeBaseline } from './patches/apply-patch.ts'
import { withBackUp } from './back-up.ts'
import { attachedObjects, putBackAttached } from './checks/attached-objects.ts'
import type { Component } from './component.ts'
import { dropStatementsOf } from './drop-statements.ts'
import { dropRepeatables } from './repeatables/drop-repeatables.ts'
import { changeUnderLock, type MigrationTarget } from './launch-lock.ts'
import type { LaunchVoice } from './launch-voice.ts'
import { mustKnowHistory, mustNotUndermine } from './ledger/known-history.ts'
import { readHistory, type LedgerEntry } from './ledger/ledger.ts'
import { leftTables } from './ledger/left-tables.ts'
import { dropObjects, isSameTable, schemaObjects, setUpObjects } from './ledger/owned-objects.ts'
import { mustNotBeBegun } from './patches/run-in-pieces.ts'
import type { DropReport, MigrationOptions } from './migrator-types.ts'
import { mustStillWork, whatIsBroken } from './checks/still-works.ts'
import { knownToTheEnd } from './repeatables/repeatables.ts'
import { remakeRewritten, watchRenames } from './repeatables/rewritten-repeatables.ts'
import { mustNotLose } from './repeatables/view-triggers.ts'
import { recordedSession } from './patches/recorded-session.ts'
import type { DataVersion } from './written-meanwhile.ts'

/**
 * Takes a component out of the database: its own `drop` statements first, then its repeatables and every object its patches and its
 * set-up created, newest first, then its ledger rows. All of it, or nothing.
 *
 * @throws {DataLayerError} `missing-requirement` while another component requires it, `unsupported` when it is not there or
 * was adopted (what it found is not its to drop), `schema-too-new` where a newer version of the app has applied patches of
 * it, even ones that let this app in, `schema-drift`, `foreign-key-violation` when rows elsewhere refer to its tables
 */
export async function dropComponent(
  target: MigrationTarget,
  components: readonly Component[],
  options: MigrationOptions,
  name: string,
  voice: LaunchVoice,
): Promise<DropReport> {
  const work = async () => {
    const history = await readHistory(target.connection)
    const { ledger, begun } = history
    mustKnowHistory(components, history)
    mustNotBeBegun(new Set([name]), begun)
    const own = ledger.filter((entry) => entry.component === name)
    const component = components.find((candidate) => candidate.name === name)
    // What a newer version wants run before a drop, this one does not know.
    if (component) mustNotUndermine(component, ledger)
    const hasViews = history.repeatables.some((entry) => entry.component === name)
    if (own.length === 0 && !hasViews) throw new DataLayerError('unsupported', `No patch of ${name} is applied here.`)
    mustBeFree(name, own, [...ledger, ...begun], component)
    const others = knownToTheEnd(components, ledger).filter((other) => other !== component)
    const statements = dropStatementsOf(history, name, component)
    const dropped = own.toReversed().map((entry) => entry.name)
    voice.tell({ type: 'planned', patches: dropped, held: [] })
    voice.mayGoOn()
    const dropAll = (copied: DataVersion | undefined) =>
      recordedSession(target.connection, { ...options, voice, copied }, async ({ tx }) => {
        const broken = await whatIsBroken(tx)
        const before = await takeBaseline(tx)
        const attached = await attachedObjects(tx)
        const ownTriggers = history.repeatables.filter((entry) => entry.component === name)
        const recordRewritten = await watchRenames(tx)
        try {
          for (const text of statements) await tx.execute({ text })
          // Another table under the old name is what the statements keep.
          const now = await schemaObjects(tx)
          const isThere = (object: string) => isSameTable(before.objects.get(object), now.get(object))
          const rewritten = await recordRewritten()
          await dropObjects(tx, (await setUpObjects(tx, { component: name })).filter(isThere))
          const triggers = await dropRepeatables(tx, [component ?? { name, patches: [] }])
          for (const [index, { name: patch, objects }] of own.toReversed().entries()) {
            voice.mayGoOn()
            voice.tell({ type: 'patch', patch, index: index + 1, total: own.length })
            await dropObjects(tx, objects.filter(isThere))
          }
          mustNotLose(triggers, `dropping ${name}`)
          const made = ownTriggers.map((entry) => `trigger ${entry.name}`)
          await putBackAttached(tx, { component: name, before: attached, drops: statements, made })
          await forget(tx, name)
          for (const table of await leftTables(
            tx,
            own,
            ledger.filter((entry) => !own.includes(entry)),
          )) {
            const message = `${table} is still there: a patch of ${name} made a table of that name, and this one is not known to be it.`
            voice.warnings.push(message)
          }
          await remakeRewritten(tx, others, rewritten)
          await mustNotOrphan(before, await takeBaseline(tx), `dropping ${name}`)
        } catch (error) {
          throw patchError(error, `dropping ${name}`)
        }
        await mustStillWork(tx, broken, `Without ${name}`)
      })
    await withBackUp(target.connection, { options, voice, begun }, dropAll)
    return { dropped, backup: voice.backup }
  }
  return changeUnderLock(target, options, voice, work, () => true)
}

function mustBeFree(
  name: string,
  own: readonly LedgerEntry[],
  present: readonly Pick<LedgerEntry, 'name' | 'requires'>[],
  component: Component | undefined,
): void {
  if (!component?.drop?.length && own.some(({ outcome }) => outcome === 'adopted')) {
    throw new DataLayerError(
      'unsupported',
      `${name} was adopted: its tables were there before it, and are not its to drop. Roll it back instead.`,
    )
  }
  const going = new Set(own.map((entry) => entry.name))
  const users = present.filter((entry) => !going.has(entry.name) && entry.requires.some((it) => going.has(it)))
  if (users.length === 0) return
  throw new DataLayerError('missing-requirement', `${users.map((entry) => entry.name).join(', ')} requires ${name}.`, {
    details: {
      missing: [...going],
      requiredBy: users.map((entry) => ({
        patch: entry.name,
        missing: entry.requires.filter((required) => going.has(required)),
      })),
    },
  })
}

async function forget(tx: Queryable, name: string): Promise<void> {
  await tx.execute(
    sql`DELETE FROM selfsame_cursors WHERE patch IN (SELECT name FROM selfsame_ledger WHERE component = ${name})`,
  )
  await tx.execute(sql`DELETE FROM selfsame_ledger WHERE component = ${name}`)
  await tx.execute(sql`DELETE FROM selfsame_set_up WHERE component = ${name}`)
  // What was kept for a rollback has nowhere to go back to; a component that comes again must not find it.
  await tx.execute(sql`DELETE FROM selfsame_repairs WHERE component = ${name}`)
}
