import type { DriverConnection } from '../../driver.ts'
import { sql } from '../../sql.ts'
import { applyBaselines } from './apply-baselines.ts'
import { recordPatch, type Applier } from './apply-patch.ts'
import { applyPatches, type AppliedPatch } from './apply-patches.ts'
import { inPieces, type Aside } from './between-pieces.ts'
import type { Component } from '../component.ts'
import { keepDropStatements } from '../drop-statements.ts'
import { createRepeatables } from '../repeatables/create-repeatables.ts'
import { dropRepeatables } from '../repeatables/drop-repeatables.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import type { MigrationOptions } from '../migrator-types.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { currentPlatform } from '../ledger/platform.ts'
import { readAssessment } from '../ledger/read-assessment.ts'
import { mustHaveNoProblem } from '../refusal.ts'
import { identity, knownToTheEnd, repeatablesOf } from '../repeatables/repeatables.ts'
import { repairInvariants } from './repair-invariants.ts'
import { mustStillWork, whatIsBroken } from '../checks/still-works.ts'
import type { ViewTrigger } from '../repeatables/view-triggers.ts'
import type { WriteOptions, WriteSession } from './write-session.ts'
import { recordedSession } from './recorded-session.ts'

/** What one migrating session did. */
export interface MigratedSession {
  readonly adopted: readonly string[]
  /** In order; a baseline's statements are those of its last patch. */
  readonly applied: readonly AppliedPatch[]
  /** The statements that took views and triggers out of the way and put them back, or made them anew. */
  readonly repeatables: readonly string[]
  readonly held: readonly string[]
}

/**
 * Everything a launch writes, in one transaction: the ledger read again under the write lock, adoption, repeatables out of
 * the way, patches, repairs, repeatables back, and the proof that what could be read before still can be.
 *
 * @param keep `false` for a dry run: the same work, rolled back
 */
export async function migrateSession(
  connection: DriverConnection,
  components: readonly Component[],
  options: MigrationOptions & Pick<WriteOptions, 'copied'>,
  voice: LaunchVoice,
  keep: boolean,
): Promise<MigratedSession> {
  return recordedSession(connection, { ...options, keep, voice }, async (session) => {
    const { tx } = session
    const brokenBefore = await whatIsBroken(tx)
    const found = await readAssessment({ run: (statements) => tx.batch(statements) }, components, options)
    mustHaveNoProblem(found.problems)
    const applier = await identifyApplier(session, connection, options)
    for (const owned of found.adoptable) await tx.execute(recordPatch(owned, applier, 'adopted', 0, []))

    const { pending, held } = found
    const known = knownToTheEnd(components, found.history.ledger)
    const texts = repeatablesOf(known).map(({ text }) => text)
    session.takeWritten()
    const aside: Aside = { triggers: await dropOutdatedRepeatables(session, known, pending) }
    const dropped = session.takeWritten()
    // Half of a patch stands where a component is begun, also in a database that shows nothing of it yet.
    const begun = new Set(found.history.begun.map(({ name }) => name))
    const whole = components.filter(({ patches }) => !patches.some(({ name }) => begun.has(name)))
    const fresh = pending.filter(({ component }) => whole.includes(component))
    const baselined = await applyBaselines(session, fresh, applier, voice, texts)
    const rest = pending.filter((owned) => !baselined.some((done) => done.owned.patch === owned.patch))
    const adopted = found.adoptable.map(({ patch }) => patch.name)
    const applied = await applyPatches(
      keep ? inPieces(session, known, aside, brokenBefore) : session,
      rest,
      applier,
      voice,
      {
        repeatables: texts,
        begun,
        keep,
        committed: (patches) => {
          const names = [...baselined, ...patches].map(({ owned }) => owned.patch.name)
          voice.committed = { applied: names, adopted, repairs: [...voice.repairs] }
        },
      },
    )
    // A newer app's are its own to say.
    await keepDropStatements(tx, known)
    await repairInvariants(session, components, voice)

    const waiting = new Set([...held, ...applied.waiting])
    session.takeWritten()
    const leftOut = new Set<string>()
    await createRepeatables(tx, known, {
      ...aside,
      mayWait: (name) =>
        components.some((c) => c.name === name && c.patches.some(({ name: patch }) => waiting.has(patch))),
      skipped: (name) => {
        leftOut.add(name)
        voice.warnings.push(`${name} is left out until the patches that wait are applied.`)
      },
    })
    // What is left out was tried and taken back.
    const tried = new Set(repeatablesOf(known).flatMap(({ name, text }) => (leftOut.has(name) ? [text] : [])))
    const made = session.takeWritten().filter(({ text }) => !tried.has(text))
    const repeatables = [...dropped, ...made].map(({ text }) => text)
    await mustStillWork(tx, brokenBefore, 'After the patches')
    return { adopted, applied: [...baselined, ...applied.patches], repeatables, held: [...waiting] }
  })
}

async function identifyApplier(
  { tx }: WriteSession,
  connection: DriverConnection,
  options: MigrationOptions,
): Promise<Applier> {
  const row = await tx.queryOne<{ version: string }>(sql`SELECT sqlite_version() AS version`)
  const app = options.appVersion ?? null
  return { app, platform: currentPlatform(), engine: connection.engine, sqlite: row?.version ?? '' }
}

/** Before patches run, the repeatables of their components go; otherwise only those whose text is no longer wanted. */
async function dropOutdatedRepeatables(
  { tx }: WriteSession,
  components: readonly Component[],
  pending: readonly OwnedPatch[],
): Promise<ViewTrigger[]> {
  const wanted = new Set(repeatablesOf(components).map(identity))
  return dropRepeatables(tx, components, (entry) => pending.length === 0 && wanted.has(identity(entry)))
}
