// A process that, for every line it is sent, opens the database and launches at the agreed moment, as an app's start does.
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { Driver } from '../../../src/db/driver.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { dyingDriver } from '../../processes/dying-driver.ts'
import { components } from '../syscalls/components.ts'

export interface StartOrder {
  readonly filename: string
  /** When to begin, in milliseconds since 1970. */
  readonly at: number
  /** For the control: nobody takes the launch lock, and nothing is in a transaction. */
  readonly unguarded?: boolean
}

export interface StartAnswer {
  readonly outcome: string
  readonly applied: readonly string[]
  readonly error: string | null
}

function withoutGuards(driver: Driver): Driver {
  const unlocked = { ...driver, acquireLaunchLock: async () => async () => {} }
  return dyingDriver(unlocked, { dieBefore: 0, weakness: 'no-transaction' })
}

async function start({ filename, at, unguarded }: StartOrder): Promise<StartAnswer> {
  await sleep(Math.max(0, at - Date.now() - 2))
  // Timers are late by a millisecond or two; together means together.
  while (Date.now() < at);
  const guarded = nodeDriver({ filename, create: false })
  const driver = unguarded ? withoutGuards(guarded) : guarded
  const connection = await driver.open()
  try {
    const { outcome, applied, error } = await new Migrator({ driver, connection }, components).launch()
    return { outcome, applied, error: error ? `${error.code}: ${error.message}` : null }
  } finally {
    await connection.close()
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await start(JSON.parse(line) as StartOrder).catch((error: unknown): StartAnswer => ({
    outcome: 'threw',
    applied: [],
    error: String(error),
  }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
