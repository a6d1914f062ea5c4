import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../src/db/database.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { DataLayerError } from '../../src/errors/index.ts'
import { snapshot, type Snapshot } from '../property/snapshot.ts'
import type { Weakness } from './dying-driver.ts'
import { startOperation, temporaryFolder } from './start-launch.ts'
import { runOperation, tally, type OperationName } from './tally.ts'

const fullRun = process.env['SELFSAME_FULL'] === '1'
/** As many as the smallest machine this is run on has cores. */
const parallel = 2
const timeout = 600_000

/** Where a database is when it is made the subject of an operation that is killed. */
type Start = 'half done' | 'whole'

interface Scenario {
  readonly start: Start
  readonly operation: OperationName
  /** The code that the operation ends with, undisturbed. */
  readonly refused?: string
}

interface Looked {
  readonly content: Snapshot
  /** How often each row of the half done patch was counted, and which steps of the set-up are noted as done. */
  readonly notes: readonly unknown[]
}

async function withDatabase<T>(file: string, failsAt: number, work: (db: Database, migrator: Migrator) => Promise<T>) {
  const driver = nodeDriver({ filename: file })
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    return await work(db, new Migrator({ driver, connection }, [tally(failsAt)], { backup: false }))
  } finally {
    await db.close()
  }
}

async function look(db: Database): Promise<Looked> {
  const { ok } = await verifyDatabase(db, [])
  const notes = await db.query({
    text: `SELECT 'ledger' AS note, name FROM selfsame_ledger
      UNION ALL SELECT 'set-up', name FROM selfsame_set_up WHERE finished_at IS NOT NULL
      UNION ALL SELECT 'begun', cursor FROM selfsame_cursors WHERE step >= 0 ORDER BY 1, 2`,
  })
  return { content: await snapshot(db), notes: [{ ok }, ...notes] }
}

/** Writes the database that a scenario begins with. */
async function prepare(file: string, start: Start): Promise<void> {
  await withDatabase(file, start === 'half done' ? 4 : 0, async (_db, migrator) => {
    const { outcome } = await migrator.launch()
    expect(outcome).toBe(start === 'half done' ? 'failed' : 'migrated')
  })
}

const unlessRefused = (refused: string | undefined) => (error: unknown) => {
  if (!(error instanceof DataLayerError) || error.code !== refused) throw error
}

/** Kills the operation before each of the points, and counts the starts after it that did not come to where they should. */
async function kill(
  { start, operation, refused }: Scenario,
  weakness: Weakness,
  choose: (answer: {
    statements: number
    commits: readonly number[]
    boundariesBeforeNote: readonly number[]
  }) => number[],
): Promise<{ killed: number; broken: string[] }> {
  const folder = temporaryFolder()
  const pristine = join(folder, 'pristine.sqlite')
  await prepare(pristine, start)
  const whole = join(folder, 'whole.sqlite')
  copyFileSync(pristine, whole)
  const { answer, stderr } = await startOperation({ file: whole, operation, weakness }).ended
  if (!answer) throw new Error(stderr)
  expect(answer.error).toBe(refused ?? null)
  const before = await withDatabase(pristine, 0, look)
  const after = await withDatabase(whole, 0, look)
  const started = await withDatabase(whole, 0, async (db, migrator) => (await migrator.launch(), look(db)))
  const isOneStep = operation === 'rollback' || operation === 'drop'

  const broken: string[] = []
  let killed = 0
  const queue = choose(answer)
  const worker = async () => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      const own = join(folder, String(point))
      mkdirSync(own)
      const file = join(own, 'app.sqlite')
      copyFileSync(pristine, file)
      const end = await startOperation({ file, operation, dieBefore: point, weakness }).ended
      if (end.signal === 'SIGKILL') killed += 1
      else if (end.stderr) throw new Error(end.stderr)
      const problem = await withDatabase(file, 0, async (db, migrator) => {
        const left = await look(db)
        const isDone = same(left, after)
        if (isOneStep && !isDone && !same(left, before)) return 'neither as before nor as after'
        if (!(operation === 'drop' && isDone)) await runOperation(migrator, operation).catch(unlessRefused(refused))
        if (!same(await look(db), after)) return 'not as it would be without the kill'
        const { error } = await migrator.launch()
        if (error) return `the next start: ${error.message}`
        return same(await look(db), started) ? undefined : 'started with other content'
      }).catch((error: unknown) => `broken start: ${String(error)}`)
      if (problem) broken.push(`before statement ${point}: ${problem}`)
      rmSync(own, { recursive: true })
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return { killed, broken }
}

function same(one: Looked, other: Looked): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

test.each<Scenario & { what: string }>([
  { what: 'the launch that goes on with a patch in pieces', start: 'half done', operation: 'launch' },
  {
    what: 'a rollback, refused, of a patch that is half done',
    start: 'half done',
    operation: 'rollback',
    refused: 'unsupported',
  },
  {
    what: 'a drop, refused, of a patch that is half done',
    start: 'half done',
    operation: 'drop',
    refused: 'unsupported',
  },
  { what: 'a rollback of a patch in pieces', start: 'whole', operation: 'rollback' },
  { what: 'a drop of a component with a patch in pieces', start: 'whole', operation: 'drop' },
  { what: 'a set-up', start: 'whole', operation: 'set-up' },
])(
  '$what, killed before its statements, is finished by the next start, nothing lost or done twice',
  { timeout },
  async ({ what, ...scenario }) => {
    let all = 0
    const { killed, broken } = await kill(scenario, 'none', ({ statements, commits }) => {
      all = statements
      const points = Array.from({ length: statements }, (_, index) => index + 1)
      const atCommits = new Set(commits.flatMap((commit) => [commit, commit + 1]))
      return points.filter((point) => fullRun || point % 50 === 1 || atCommits.has(point))
    })
    process.stdout.write(
      `${what}: killed before ${killed} of ${all} statements, ${broken.length} broken starts or lost rows` +
        `${fullRun ? '' : ' (all of them with SELFSAME_FULL=1)'}\n`,
    )
    expect(broken).toEqual([])
    expect(killed).toBeGreaterThan(0)
  },
)

test('the same kills find a set-up that is noted after its commit', { timeout }, async () => {
  const scenario: Scenario = { start: 'whole', operation: 'set-up' }
  const { killed, broken } = await kill(scenario, 'ledger-apart', ({ boundariesBeforeNote }) => [
    ...boundariesBeforeNote,
  ])
  process.stdout.write(
    `control, set-up noted after the commit: ${broken.length} of ${killed} kills break the next start\n`,
  )
  expect(broken.length).toBeGreaterThan(0)
})
