import { DataLayerError } from '../../../errors/index.ts'
import { transactionScope, type Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import { mustNotOrphan, patchError, takeBaseline } from '../patches/apply-patch.ts'
import { withBackUp } from '../back-up.ts'
import { attachedObjects, putBackAttached } from '../checks/attached-objects.ts'
import { checkSetUpArguments } from '../component-shape.ts'
import type { Component, SetUpArguments, SetUpStep } from '../component.ts'
import { checkSteps } from '../define-component.ts'
import { changeUnderLock, type MigrationTarget } from '../launch-lock.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import type { MigrationOptions, SetUpReport } from '../migrator-types.ts'
import { ownedSince } from '../ledger/owned-objects.ts'
import { readAssessment } from '../ledger/read-assessment.ts'
import { recordedSession } from '../patches/recorded-session.ts'
import { WrittenMeanwhile, type DataVersion } from '../written-meanwhile.ts'
import { mustHaveNoProblem } from '../refusal.ts'
import { mustNotBeBegun } from '../patches/run-in-pieces.ts'
import { knownToTheEnd } from '../repeatables/repeatables.ts'
import { remakeRewritten, watchRenames } from '../repeatables/rewritten-repeatables.ts'
import { partitionsFor, partsOf } from './set-up-partitions.ts'
import { mustStillWork, whatIsBroken } from '../checks/still-works.ts'

interface RegisteredStep {
  readonly serial: number
  readonly component: string
  readonly label: string
  readonly step: SetUpStep
}

/**
 * Runs the set-up that patches have registered and nobody has finished, in the order of registration, with these
 * arguments. Each step is a transaction with the note that it is finished: what is cut off goes on with the next step, and
 * nothing runs twice. A step that does not apply with these arguments stays for another call.
 *
 * @throws {DataLayerError} `patch-failed` for a step, which is undone, while those before it stay (`details.finished`);
 * `unsupported` for one that says what no patch may; `invalid-value` for arguments that are no plain values, or `partitions`
 * that are no number; `schema-drift` for a registered step the app no longer has; and whatever refuses a launch
 */
export async function setUp(
  target: MigrationTarget,
  components: readonly Component[],
  options: MigrationOptions,
  args: SetUpArguments,
  voice: LaunchVoice,
): Promise<SetUpReport> {
  checkSetUpArguments(args)
  const { connection } = target
  const work = async () => {
    partsOf(args)
    const { history, problems } = await readAssessment(connection, components, options)
    mustHaveNoProblem(problems)
    mustNotBeBegun(new Set(components.map(({ name }) => name)), history.begun)
    if (!history.recorded) return { finished: [], waiting: [], backup: null }
    const steps = await unfinished(
      transactionScope((statements) => connection.run(statements)),
      components,
    )
    const known = knownToTheEnd(components, history.ledger)
    const due = steps.filter((registered) => applies(registered, args))
    const waiting = steps.filter((registered) => !due.includes(registered)).map(({ label }) => label)
    const finished: string[] = []
    voice.tell({ type: 'planned', patches: due.map(({ label }) => label), held: waiting })
    voice.mayGoOn()
    const runAll = async (copied: DataVersion | undefined) => {
      for (const [index, registered] of due.entries()) {
        voice.mayGoOn()
        voice.tell({ type: 'patch', patch: registered.label, index: index + 1, total: due.length })
        try {
          const first = index === 0 ? copied : undefined
          await recordedSession(connection, { ...options, voice, copied: first }, ({ tx }) =>
            run(tx, known, registered, args),
          )
        } catch (error) {
          throw whatStays(error, finished, voice.backup)
        }
        finished.push(registered.label)
      }
    }
    if (due.length > 0) await withBackUp(connection, { options, voice, begun: history.begun }, runAll)
    return { finished, waiting, backup: voice.backup }
  }
  return changeUnderLock(target, options, voice, work, ({ finished }) => finished.length > 0)
}

/** The error with what it leaves: the steps before it are committed. */
function whatStays(error: unknown, finished: readonly string[], backup: string | null): unknown {
  if (!(error instanceof DataLayerError) || error instanceof WrittenMeanwhile) return error
  const { code, message, sqlite, cause } = error
  return new DataLayerError(code, message, { details: { ...error.details, finished, backup }, sqlite, cause })
}

function applies({ label, step }: RegisteredStep, args: SetUpArguments): boolean {
  try {
    return partitionsFor(step, args).length > 0 && (step.when?.(args) ?? true)
  } catch (error) {
    throw patchError(error, label)
  }
}

async function run(
  tx: Queryable,
  components: readonly Component[],
  registered: RegisteredStep,
  args: SetUpArguments,
): Promise<void> {
  const { serial, component, label, step } = registered
  const broken = await whatIsBroken(tx)
  const before = await takeBaseline(tx)
  const attached = await attachedObjects(tx)
  const drops: string[] = []
  const recordRewritten = await watchRenames(tx)
  try {
    for (const partition of partitionsFor(step, args)) {
      const texts = step.statements(args, partition)
      checkSteps(label, texts)
      for (const text of texts) await tx.execute({ text })
      drops.push(...texts)
    }
    await putBackAttached(tx, { component, before: attached, drops })
    await remakeRewritten(tx, components, await recordRewritten())
    const after = await takeBaseline(tx)
    await mustNotOrphan(before, after, label)
    const objects = await ownedSince(tx, component, before.objects, after.objects)
    await tx.execute(sql`UPDATE selfsame_set_up SET finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
      arguments = ${JSON.stringify(args)}, objects = ${JSON.stringify(objects)} WHERE serial = ${serial}`)
  } catch (error) {
    throw patchError(error, label)
  }
  await mustStillWork(tx, broken, `After ${label}`)
}

/** What a patch that only a newer app knows has registered is for that app to run. */
async function unfinished(reader: Queryable, components: readonly Component[]): Promise<RegisteredStep[]> {
  const rows = await reader.query<{ serial: number; component: string; patch: string; name: string }>(
    sql`SELECT serial, component, patch, name FROM selfsame_set_up WHERE finished_at IS NULL ORDER BY serial`,
  )
  const patches = new Map(components.flatMap((component) => component.patches.map((patch) => [patch.name, patch])))
  return rows
    .filter(({ patch }) => patches.has(patch))
    .map(({ serial, component, patch, name }) => {
      const step = patches.get(patch)?.setUp?.find((candidate) => candidate.name === name)
      if (step) return { serial, component, label: `${patch}/${name}`, step }
      throw new DataLayerError(
        'schema-drift',
        `${patch} registered the set-up ${name}, which this app does not have.`,
        { details: { patch, setUp: name } },
      )
    })
}
