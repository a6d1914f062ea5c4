// Migrates one file, by a patch or by its SQL alone, and prints what it took.
import { DatabaseSync } from 'node:sqlite'
import { nodeDriver } from '../src/db/drivers/node/index.ts'
import type { PatchStep } from '../src/db/migration/component.ts'
import { defineComponent } from '../src/db/migration/define-component.ts'
import { Migrator } from '../src/db/migration/migrator.ts'
import { sql } from '../src/db/sql.ts'

export type RunKind = 'engine-plain' | 'raw-plain' | 'engine-pieces' | 'engine-pieces-with-backup' | 'raw-pieces'

export interface MigrationRun {
  readonly ms: number
  /** Processor time: what is left of `ms` on a machine that does other things too. */
  readonly cpuMs: number
  readonly maxRssMb: number
  readonly longestGap: Gap
}

/** The longest time without an event, from the first call to the last. */
interface Gap {
  readonly ms: number
  readonly cpuMs: number
}

const piece = 20_000
const addColumn = 'ALTER TABLE payments ADD COLUMN cents INTEGER'
const convert = 'UPDATE payments SET cents = CAST(round(CAST(amount AS REAL) * 100) AS INTEGER)'
const index = 'CREATE INDEX payments_payee ON payments (payee)'

const [kind, filename = '', rows = ''] = process.argv.slice(2) as [RunKind, string, string]
const total = Number(rows)

const none: Gap = { ms: 0, cpuMs: 0 }

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function throughEngine(steps: readonly PatchStep[], backup: boolean): Promise<Gap> {
  const component = defineComponent({ name: 'bench', patches: [{ name: 'bench-0001', statements: steps }] })
  const driver = nodeDriver({ filename })
  const connection = await driver.open()
  let longest = none
  let last: Gap = { ms: performance.now(), cpuMs: cpuMs() }
  const hear = () => {
    const now: Gap = { ms: performance.now(), cpuMs: cpuMs() }
    longest = { ms: Math.max(longest.ms, now.ms - last.ms), cpuMs: Math.max(longest.cpuMs, now.cpuMs - last.cpuMs) }
    last = now
  }
  const { error } = await new Migrator({ driver, connection }, [component], { backup }).launch({ onEvent: hear })
  if (error) throw error
  await connection.close()
  hear()
  return longest
}

const inPieces: PatchStep = {
  code: 'converts the amounts, so many rows at a time',
  async next(tx, cursor) {
    const from = Number(cursor ?? 0)
    if (from >= total) return null
    await tx.execute(sql`UPDATE payments SET cents = CAST(round(CAST(amount AS REAL) * 100) AS INTEGER)
      WHERE id > ${from} AND id <= ${from + piece}`)
    await tx.progress({ done: Math.min(from + piece, total), total })
    return String(from + piece)
  },
}

function raw(body: (database: DatabaseSync) => void): Gap {
  const database = new DatabaseSync(filename)
  body(database)
  database.close()
  return none
}

function rawPlain(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  for (const text of [addColumn, convert, index]) database.exec(text)
  database.exec('COMMIT')
}

function rawPieces(database: DatabaseSync): void {
  database.exec(addColumn)
  const update = database.prepare(`${convert} WHERE id > ? AND id <= ?`)
  for (let from = 0; from < total; from += piece) {
    database.exec('BEGIN IMMEDIATE')
    update.run(from, from + piece)
    database.exec('COMMIT')
  }
}

const runs: Record<RunKind, () => Gap | Promise<Gap>> = {
  'engine-plain': () => throughEngine([addColumn, convert, index], false),
  'engine-pieces': () => throughEngine([addColumn, inPieces], false),
  'engine-pieces-with-backup': () => throughEngine([addColumn, inPieces], true),
  'raw-plain': () => raw(rawPlain),
  'raw-pieces': () => raw(rawPieces),
}

const started: Gap = { ms: performance.now(), cpuMs: cpuMs() }
const longestGap = await runs[kind]()
const run: MigrationRun = {
  ms: performance.now() - started.ms,
  cpuMs: cpuMs() - started.cpuMs,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  longestGap,
}
process.stdout.write(JSON.stringify(run))
