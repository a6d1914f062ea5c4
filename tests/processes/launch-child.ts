// A process that launches one database and prints what came of it. Its one argument is JSON: see LaunchOrder.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { dyingDriver, type Weakness } from './dying-driver.ts'
import { launchedComponents } from './launched-components.ts'

export interface LaunchOrder {
  readonly file: string
  /** The statement before which the process dies. */
  readonly dieBefore?: number
  readonly weakness?: Weakness
  /** Launches only once this file is there, so that several start together. */
  readonly waitFor?: string
}

export interface LaunchAnswer {
  readonly outcome: string
  readonly applied: readonly string[]
  readonly backup: string | null
  readonly error: string | null
  readonly statements: number
  readonly boundariesBeforeLedger: readonly number[]
  readonly waited: boolean
}

const order = JSON.parse(process.argv[2] ?? '{}') as LaunchOrder
const driver = dyingDriver(nodeDriver({ filename: order.file }), {
  dieBefore: order.dieBefore ?? 0,
  weakness: order.weakness ?? 'none',
})
if (order.waitFor) {
  process.stdout.write('ready\n')
  while (!existsSync(order.waitFor)) await sleep(2)
}
const connection = await driver.open()
let waited = false
const report = await new Migrator({ driver, connection }, launchedComponents).launch({
  onEvent: ({ type }) => (waited ||= type === 'waiting'),
})
await connection.close()
const answer: LaunchAnswer = {
  outcome: report.outcome,
  applied: report.applied,
  backup: report.backup,
  error: report.error ? `${report.error.code}: ${report.error.message}` : null,
  statements: driver.statements(),
  boundariesBeforeLedger: driver.boundariesBeforeLedger(),
  waited,
}
process.stdout.write(`${JSON.stringify(answer)}\n`)
