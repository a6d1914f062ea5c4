import { DataLayerError } from '../../errors/index.ts'
import type { DriverConnection } from '../driver.ts'
import { sql } from '../sql.ts'
import { findAdoptable } from './adopt.ts'
import { mustNotOrphan, patchError, recordPatch, takeBaseline, type Applier } from './apply-patch.ts'
import { applyPatches, createdSince, type Applied } from './apply-patches.ts'
import { assessHistory } from './assess-history.ts'
import { brokenObjects } from './broken-objects.ts'
import type { Component } from './component.ts'
import { brokenInvariants, promisedInvariants, type OwnedInvariant } from './invariants.ts'
import type { LaunchVoice } from './launch-voice.ts'
import { createBookkeeping, readHistory } from './ledger.ts'
import type { MigrationOptions } from './migrator-types.ts'
import type { OwnedPatch } from './patch-order.ts'
import { patchTransaction } from './patch-transaction.ts'
import { createRepeatables, dropRepeatables, repeatablesOf } from './repeatables.ts'
import { runCheck } from './run-check.ts'
import { runSteps } from './run-steps.ts'
import { registerSetUp } from './register-set-up.ts'
import { writeSession, type WriteSession } from './write-session.ts'

/** What one migrating session did. */
export interface MigratedSession {
  readonly adopted: readonly string[]
  readonly applied: Applied
  readonly baselined: readonly string[]
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
  options: MigrationOptions,
  voice: LaunchVoice,
  keep: boolean,
): Promise<MigratedSession> {
  return writeSession(connection, keep, async (session) => {
    const { tx } = session
    const brokenBefore = await brokenObjects(tx)
    const before = await readHistory({ run: (statements) => tx.batch(statements) })
    await createBookkeeping(tx)
    const applier = await identifyApplier(session, connection, options)

    const adoptable = await findAdoptable(tx, components, before.ledger)
    for (const owned of adoptable) await tx.execute(recordPatch(owned, applier, 'adopted', 0, []))
    const { pending, held, problems } = assessHistory(components, await ledgerOf(session), options, before.begun)
    if (problems[0]) throw problems[0]

    await dropOutdatedRepeatables(session, components, pending)
    const baselined = await applyBaselines(session, pending, applier, voice)
    const rest = pending.filter(({ patch }) => !baselined.includes(patch.name))
    const adopted = adoptable.map(({ patch }) => patch.name)
    const applied = await applyPatches(keep ? inPieces(session, components) : session, rest, applier, voice, {
      repeatables: repeatablesOf(components).map(({ text }) => text),
      committed: (names) => {
        voice.committed = { applied: [...baselined, ...names], adopted, repairs: [...voice.repairs] }
      },
    })
    await repairInvariants(session, components, voice)

    const waiting = new Set([...held, ...applied.waiting])
    await createRepeatables(tx, components, {
      mayWait: (name) =>
        components.some((c) => c.name === name && c.patches.some(({ name: patch }) => waiting.has(patch))),
      skipped: (name) => voice.warnings.push(`${name} is left out until the patches that wait are applied.`),
    })
    await mustStillWork(session, brokenBefore)
    return { adopted, applied, baselined, held: [...waiting] }
  })
}

/**
 * Between two pieces the database is one that others may open, and where a launch may end for good: the views and triggers
 * that can be there are there.
 */
function inPieces(session: WriteSession, components: readonly Component[]): WriteSession {
  const commitPiece = async () => {
    await createRepeatables(session.tx, components, { mayWait: () => true, skipped: () => undefined })
    await session.commitPiece()
    await dropRepeatables(session.tx, new Set(components.map(({ name }) => name)))
  }
  return { ...session, commitPiece }
}

async function ledgerOf(session: WriteSession) {
  return (await readHistory({ run: (statements) => session.tx.batch(statements) })).ledger
}

async function identifyApplier(
  { tx }: WriteSession,
  connection: DriverConnection,
  options: MigrationOptions,
): Promise<Applier> {
  const row = await tx.queryOne<{ version: string }>(sql`SELECT sqlite_version() AS version`)
  return { app: options.appVersion ?? null, engine: connection.engine, sqlite: row?.version ?? '' }
}

/** Before patches run, the repeatables of their components go; otherwise only those whose text is no longer wanted. */
async function dropOutdatedRepeatables(
  { tx }: WriteSession,
  components: readonly Component[],
  pending: readonly OwnedPatch[],
): Promise<void> {
  const wanted = new Set(
    repeatablesOf(components).map(({ component, name, checksum }) => `${component}\n${name}\n${checksum}`),
  )
  await dropRepeatables(
    tx,
    new Set(components.map(({ name }) => name)),
    ({ component, name, checksum }) => pending.length === 0 && wanted.has(`${component}\n${name}\n${checksum}`),
  )
}

/** A component none of whose patches is applied, in a database without any of its objects, is created in one step. */
async function applyBaselines(
  session: WriteSession,
  pending: readonly OwnedPatch[],
  applier: Applier,
  voice: LaunchVoice,
): Promise<string[]> {
  const done: string[] = []
  const [{ objects = 1 } = {}] = await session.tx.query<{ objects: number }>(
    sql`SELECT count(*) AS objects FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB 'selfsame_*'`,
  )
  // Only an empty database: anything there could be what one of the folded patches looks for and treats with care.
  if (Number(objects) > 0) return done
  for (const component of new Set(pending.map((owned) => owned.component))) {
    const { baseline } = component
    if (!baseline) continue
    const through = component.patches.findIndex(({ name }) => name === baseline.through)
    const folded = component.patches.slice(0, through + 1)
    const isWhole = folded.every((patch) => pending.some((owned) => owned.patch === patch))
    // What requires a patch that is still to come is replayed in its turn.
    const isNext = folded.every(({ requires = [] }) =>
      requires.every((name) => done.includes(name) || folded.some((patch) => patch.name === name)),
    )
    if (!isWhole || !isNext) continue
    const before = await takeBaseline(session.tx)
    voice.tell({ type: 'patch', patch: baseline.through, index: 1, total: 1 })
    const started = performance.now()
    try {
      for (const text of baseline.statements) await session.tx.execute({ text })
      for (const check of folded.flatMap(({ after = [] }) => after)) await runCheck(session.tx, check)
      await mustNotOrphan(before, await takeBaseline(session.tx), `${component.name}'s baseline`)
    } catch (error) {
      throw patchError(error, `${component.name}'s baseline`)
    }
    const created = await createdSince(session.tx, before.objects)
    for (const [index, patch] of folded.entries()) {
      await session.tx.execute(
        recordPatch(
          { component, patch },
          applier,
          'baseline',
          index === 0 ? performance.now() - started : 0,
          index === 0 ? created : [],
        ),
      )
      await registerSetUp(session.tx, { component, patch })
      done.push(patch.name)
    }
  }
  return done
}

async function repairInvariants(
  session: WriteSession,
  components: readonly Component[],
  voice: LaunchVoice,
): Promise<void> {
  const applied = new Set((await ledgerOf(session)).map(({ name }) => name))
  const runner = { run: (statements: Parameters<WriteSession['tx']['batch']>[0]) => session.tx.batch(statements) }
  // Each is asked when its turn comes: the repair of one may have put the next right.
  for (const promised of promisedInvariants(components, applied)) {
    const [broken] = await brokenInvariants(runner, [promised])
    if (broken) await repairInvariant(session, broken, voice)
  }
}

async function repairInvariant(session: WriteSession, { component, invariant }: OwnedInvariant, voice: LaunchVoice) {
  if (!invariant.repair) return
  const tx = patchTransaction(
    session.tx,
    { component: component.name, patch: invariant.name },
    {
      repaired: (repair) => voice.repairs.push(repair),
      warned: (message) => voice.warnings.push(message),
      progressed: async () => voice.mayGoOn(),
    },
  )
  const watcher = { mayGoOn: () => voice.mayGoOn(), finished: () => undefined }
  try {
    await runSteps(tx, [invariant.repair], watcher, session.rowsWritten)
  } catch (error) {
    throw patchError(error, invariant.name)
  }
}

async function mustStillWork({ tx }: WriteSession, brokenBefore: ReadonlySet<string>): Promise<void> {
  const broken = [...(await brokenObjects(tx))].filter((name) => !brokenBefore.has(name))
  if (broken.length === 0) return
  throw new DataLayerError('patch-failed', `After the patches these would no longer work: ${broken.join(', ')}.`, {
    details: { objects: broken },
  })
}
