import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { buildLegacyDatabase, writeLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { components } from '../syscalls/components.ts'
import type { StartAnswer, StartOrder } from './starter.ts'

const processes = 8
const rounds = 30
const patches = components.flatMap((component) => component.patches.map(({ name }) => name))

interface Starter {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
}

let folder: string
let starters: Starter[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'selfsame-starts-'))
  const file = fileURLToPath(new URL('./starter.ts', import.meta.url))
  starters = Array.from({ length: processes }, () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
  })
  const connection = await nodeDriver({ filename: join(folder, 'legacy.sqlite') }).open()
  await writeLegacyDatabase(connection, buildLegacyDatabase({ additions: ['views', 'triggers'], contacts: 6 }))
  await connection.close()
})

afterAll(async () => {
  await Promise.all(
    (starters ?? []).map(async ({ child, lines }) => {
      child.stdin?.end()
      await lines.next()
    }),
  )
  rmSync(folder, { recursive: true, force: true })
})

async function startTogether(filename: string, unguarded = false): Promise<StartAnswer[]> {
  const order: StartOrder = { filename, at: Date.now() + 30, unguarded }
  for (const { child } of starters) child.stdin?.write(`${JSON.stringify(order)}\n`)
  return Promise.all(starters.map(async ({ lines }) => JSON.parse((await lines.next()).value as string) as StartAnswer))
}

test.each([
  ['DELETE', rounds],
  ['WAL', rounds / 3],
])(
  `of ${processes} processes that start at once one runs the patches, and the others find them done (journal mode %s, %i rounds)`,
  async (mode, times) => {
    const failures: string[] = []
    const outcomes = new Map<string, number>()
    for (let round = 1; round <= times; round += 1) {
      const filename = join(folder, `${mode}-${round}.sqlite`)
      cpSync(join(folder, 'legacy.sqlite'), filename)
      if (mode === 'WAL') withDatabase(filename, (database) => database.exec('PRAGMA journal_mode = WAL'))
      const answers = await startTogether(filename)
      for (const { outcome } of answers) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      failures.push(...problemsOf(answers, filename).map((problem) => `round ${round}: ${problem}`))
    }
    const counts = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
    process.stdout.write(
      `${mode}: ${processes * times} starts in ${times} rounds: ${counts}; ${failures.length} failures\n`,
    )
    expect(failures).toEqual([])
    expect(outcomes.get('migrated')).toBe(times)
  },
  600_000,
)

test('the same starts find what is wrong with launches that nothing keeps apart', async () => {
  const filename = join(folder, 'unguarded.sqlite')
  cpSync(join(folder, 'legacy.sqlite'), filename)
  const problems = problemsOf(await startTogether(filename, true), filename)
  process.stdout.write(`control, no lock and no transaction: ${problems.length} failures of ${processes} starts\n`)
  expect(problems).not.toEqual([])
})

function problemsOf(answers: readonly StartAnswer[], filename: string): string[] {
  const problems = answers.flatMap(({ error }) => error ?? [])
  const applied = answers.flatMap((answer) => answer.applied).toSorted()
  // identity-0001 is there in a legacy database: it is adopted.
  const expected = patches.filter((name) => name !== 'identity-0001').toSorted()
  if (applied.join() !== expected.join()) problems.push(`applied ${applied.join()}`)
  return [...problems, ...problemsIn(filename)]
}

function problemsIn(filename: string): string[] {
  return withDatabase(filename, (database) => {
    const list = (text: string) =>
      database
        .prepare(text)
        .all()
        .map((row) => String(Object.values(row)[0]))
    const problems = list('PRAGMA integrity_check').filter((text) => text !== 'ok')
    const recorded = list('SELECT name FROM selfsame_ledger ORDER BY name')
    if (recorded.join() !== patches.toSorted().join()) problems.push(`recorded ${recorded.join()}`)
    const [rows] = list(
      `SELECT (SELECT count(*) FROM contacts) || ' ' || (SELECT count(*) FROM shop_items) || ' ' || (SELECT count(*) FROM pieces_totals)`,
    )
    if (rows !== '6 6 6') problems.push(`rows ${rows}`)
    return problems
  })
}

function withDatabase<T>(filename: string, body: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(filename)
  try {
    return body(database)
  } finally {
    database.close()
  }
}
