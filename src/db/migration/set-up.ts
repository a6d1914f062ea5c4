import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { sql } from '../sql.ts'
import { mustNotOrphan, patchError, takeBaseline } from './apply-patch.ts'
import type { Component, SetUpArguments } from './component.ts'
import { changeUnderLock, type MigrationTarget } from './launch-lock.ts'
import type { LaunchVoice } from './launch-voice.ts'
import { readHistory } from './ledger.ts'
import type { MigrationOptions, SetUpReport } from './migrator-types.ts'
import { writeSession } from './write-session.ts'

/**
 * Runs the set-up that patches have registered and nobody has finished, in the order of registration, with these
 * arguments; each is marked finished in the same transaction. A step whose condition does not hold stays for another call.
 * Running it again runs nothing twice.
 *
 * @throws {DataLayerError} `patch-failed` with nothing set up; `schema-drift` for a registered step the app no longer has
 */
export async function setUp(
  target: MigrationTarget,
  components: readonly Component[],
  options: MigrationOptions,
  args: SetUpArguments,
  voice: LaunchVoice,
): Promise<SetUpReport> {
  const work = async () => {
    const { recorded } = await readHistory(target.connection)
    if (!recorded) return { finished: [], waiting: [] }
    return await writeSession(target.connection, { ...options, voice }, async ({ tx }) => {
      const finished: string[] = []
      const waiting: string[] = []
      const before = await takeBaseline(tx)
      for (const { serial, patch, name } of await unfinished(tx, components)) {
        voice.mayGoOn()
        const label = `${patch}/${name}`
        const step = findStep(components, patch, name)
        if (step.when && !step.when(args)) {
          waiting.push(label)
          continue
        }
        try {
          for (const text of step.statements(args)) await tx.execute({ text })
        } catch (error) {
          throw patchError(error, label)
        }
        await tx.execute(sql`UPDATE selfsame_set_up SET finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
          arguments = ${JSON.stringify(args)} WHERE serial = ${serial}`)
        finished.push(label)
      }
      await mustNotOrphan(before, await takeBaseline(tx), 'the set-up')
      return { finished, waiting }
    })
  }
  return changeUnderLock(target, options, voice, work, ({ finished }) => finished.length > 0)
}

async function unfinished(tx: Queryable, components: readonly Component[]) {
  const rows = await tx.query<{ serial: number; component: string; patch: string; name: string }>(
    sql`SELECT serial, component, patch, name FROM selfsame_set_up WHERE finished_at IS NULL ORDER BY serial`,
  )
  return rows.filter((row) => components.some(({ name }) => name === row.component))
}

function findStep(components: readonly Component[], patch: string, name: string) {
  const step = components
    .flatMap(({ patches }) => patches)
    .find((candidate) => candidate.name === patch)
    ?.setUp?.find((candidate) => candidate.name === name)
  if (step) return step
  throw new DataLayerError('schema-drift', `${patch} registered the set-up ${name}, which this app does not have.`, {
    details: { patch, setUp: name },
  })
}
