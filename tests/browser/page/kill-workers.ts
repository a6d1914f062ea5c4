import type { DriverConnection } from '../../../src/db/driver.ts'
import type { Faults } from './faults.ts'
import { mortalDriver } from './mortal-driver.ts'

export interface WorkerKills {
  readonly storage: 'opfs' | 'indexeddb'
  readonly times: number
  /** The moment a commit resolved, or in the middle of a stream of them. */
  readonly mode: 'resolved' | 'stream'
  /** What is wrong with the browser while it is written to. */
  readonly faults?: Faults
}

/** Ends workers; answers how many acknowledged commits were not there afterwards, and what the integrity check found. */
export async function killWorkers({ storage, times, mode, faults }: WorkerKills) {
  const options = { name: `killed ${crypto.randomUUID()}`, storage: [storage], persist: false }
  const integrity = new Set<string>()
  let acknowledged = new Set<number>()
  let lost = 0
  let next = 0
  for (let time = 0; time <= times; time += 1) {
    const healthy = mortalDriver(options)
    const { numbers, found, connection } = await look(await healthy.driver.open())
    integrity.add(found)
    const there = new Set(numbers)
    lost += [...acknowledged].filter((n) => !there.has(n)).length
    acknowledged = there
    if (time === times || faults) await connection.close()
    if (time === times) break
    const victim = faults ? mortalDriver(options, faults) : healthy
    const writer = faults ? await victim.driver.open() : connection
    const write = async () => {
      const n = (next += 1)
      await writer.run([{ text: 'INSERT INTO kept VALUES (?)', params: [n] }])
      acknowledged.add(n)
    }
    if (mode === 'resolved') await write()
    else {
      const loop = async () => {
        for (;;) await write()
      }
      void loop().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 60))
    }
    victim.kill()
    // What was asked and never answered may be there or not: it was not acknowledged.
    next += 1
  }
  return { lost, integrity: [...integrity] }
}

async function look(connection: DriverConnection) {
  const [, numbers, integrity] = await connection.run([
    { text: 'CREATE TABLE IF NOT EXISTS kept (n INTEGER PRIMARY KEY)', params: [] },
    { text: 'SELECT n FROM kept', params: [] },
    { text: 'PRAGMA integrity_check', params: [] },
  ])
  return {
    numbers: (numbers?.rows ?? []).map(([n]) => Number(n)),
    found: String(integrity?.rows[0]?.[0]),
    connection,
  }
}
