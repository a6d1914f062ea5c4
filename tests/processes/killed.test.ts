import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Database } from '../../src/db/database.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { snapshot, type Snapshot } from '../property/snapshot.ts'
import type { Weakness } from './dying-driver.ts'
import { launchedComponents } from './launched-components.ts'
import { startLaunch, temporaryFolder, writeLegacyFile } from './start-launch.ts'

/** Two at a time: as many as the smallest machine this is run on has cores. */
const parallel = 2

interface Aftermath {
  readonly outcome: string
  readonly content: Snapshot
}

/** The next start after a kill, and what is there then. */
async function startAgain(file: string): Promise<Aftermath> {
  const driver = nodeDriver({ filename: file, create: false })
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    const report = await new Migrator({ driver, connection }, launchedComponents).launch()
    if (report.error) return { outcome: `${report.outcome}: ${report.error.message}`, content: await contentOf(db) }
    const { ok } = await verifyDatabase(db, launchedComponents)
    return { outcome: ok ? 'usable' : 'not in order', content: await contentOf(db) }
  } finally {
    await db.close()
  }
}

function contentOf(db: Database): Promise<Snapshot> {
  return snapshot(db, { without: ['active_identity.lastUpdated'] })
}

/** Kills a launch before each of the given statements, and counts the starts after it that did not come to `expected`. */
async function killAtEach(
  points: readonly number[],
  pristine: string,
  expected: Snapshot,
  weakness: Weakness,
): Promise<{ killed: number; broken: string[] }> {
  const folder = temporaryFolder()
  const broken: string[] = []
  let killed = 0
  const queue = [...points]
  const worker = async () => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      const own = join(folder, String(point))
      mkdirSync(own)
      const file = join(own, 'app.sqlite')
      copyFileSync(pristine, file)
      const { signal, stderr } = await startLaunch({ file, dieBefore: point, weakness }).ended
      if (signal === 'SIGKILL') killed += 1
      else if (stderr) throw new Error(stderr)
      const { outcome, content } = await startAgain(file)
      if (outcome !== 'usable') broken.push(`before statement ${point}: ${outcome}`)
      else if (JSON.stringify(content) !== JSON.stringify(expected))
        broken.push(`before statement ${point}: other content`)
      rmSync(own, { recursive: true })
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return { killed, broken }
}

/** A legacy database, what its migration comes to, and the boundaries at which a launch can be killed. */
async function prepare(weakness: Weakness) {
  const folder = temporaryFolder()
  const pristine = join(folder, 'pristine.sqlite')
  await writeLegacyFile(pristine, {
    accounts: 4,
    contacts: 6,
    state: 'orphan',
    accountActiveDid: 'own',
    additions: ['tables', 'columns', 'views', 'triggers', 'indexes'],
  })
  const whole = join(folder, 'whole.sqlite')
  copyFileSync(pristine, whole)
  const { answer, stderr } = await startLaunch({ file: whole, weakness }).ended
  if (!answer || answer.error) throw new Error(answer?.error ?? stderr)
  const { content } = await startAgain(whole)
  const boundaries = Array.from({ length: answer.statements }, (_, index) => index + 1)
  return { pristine, boundaries, beforeLedger: answer.boundariesBeforeLedger, expected: content }
}

const timeout = 600_000

test(
  'killed before every statement of a migration: the next start finishes it, nothing lost',
  { timeout },
  async () => {
    const { pristine, boundaries, expected } = await prepare('none')
    expect(boundaries.length).toBeGreaterThan(50)
    const { killed, broken } = await killAtEach(boundaries, pristine, expected, 'none')
    expect(broken).toEqual([])
    expect(killed).toBe(boundaries.length)
    process.stdout.write(
      `killed with SIGKILL before each of ${killed} statements: 0 broken starts, 0 lost rows, 0 manual steps\n`,
    )
  },
)

describe('the same kills find what is wrong with', () => {
  test('statements that are not in a transaction', { timeout }, async () => {
    const { pristine, boundaries, expected } = await prepare('no-transaction')
    const some = boundaries.filter((number) => number % 5 === 0)
    const { killed, broken } = await killAtEach(some, pristine, expected, 'no-transaction')
    expect(broken.length).toBeGreaterThan(0)
    process.stdout.write(`control, no transaction: ${broken.length} of ${killed} kills break the next start\n`)
  })

  test('a ledger that is written after the commit', { timeout }, async () => {
    const { pristine, beforeLedger, expected } = await prepare('ledger-apart')
    const { killed, broken } = await killAtEach(beforeLedger, pristine, expected, 'ledger-apart')
    expect(broken.length).toBeGreaterThan(0)
    process.stdout.write(`control, ledger after the commit: ${broken.length} of ${killed} kills break the next start\n`)
  })
})
