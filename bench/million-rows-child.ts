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
  readonly maxRssMb: number
  /** The longest time without an event, from the first call to the last. */
  readonly longestGapMs: number
}

const piece = 20_000
const addColumn = 'ALTER TABLE payments ADD COLUMN cents INTEGER'
const convert = 'UPDATE payments SET cents = CAST(round(CAST(amount AS REAL) * 100) AS INTEGER)'
const index = 'CREATE INDEX payments_payee ON payments (payee)'

const [kind, filename = '', rows = ''] = process.argv.slice(2) as [RunKind, string, string]
const total = Number(rows)

async function throughEngine(steps: readonly PatchStep[], backup: boolean): Promise<number> {
  const component = defineComponent({ name: 'bench', patches: [{ name: 'bench-0001', statements: steps }] })
  const driver = nodeDriver({ filename })
  const connection = await driver.open()
  let longest = 0
  let last = performance.now()
  const hear = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
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

function raw(body: (database: DatabaseSync) => void): number {
  const database = new DatabaseSync(filename)
  body(database)
  database.close()
  return 0
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

const runs: Record<RunKind, () => number | Promise<number>> = {
  'engine-plain': () => throughEngine([addColumn, convert, index], false),
  'engine-pieces': () => throughEngine([addColumn, inPieces], false),
  'engine-pieces-with-backup': () => throughEngine([addColumn, inPieces], true),
  'raw-plain': () => raw(rawPlain),
  'raw-pieces': () => raw(rawPieces),
}

const started = performance.now()
const longestGapMs = await runs[kind]()
const run: MigrationRun = {
  ms: performance.now() - started,
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  longestGapMs,
}
process.stdout.write(JSON.stringify(run))
