import { Database } from '../../src/db/database.ts'
import type { ElectronBridge } from '../../src/db/drivers/electron/bridge.ts'
import { electronDriver } from '../../src/db/drivers/electron/index.ts'
import { exposeElectronDatabase } from '../../src/db/drivers/electron/preload/index.ts'
import { sql } from '../../src/db/sql.ts'
import { microseconds } from '../measure.ts'

export type Subject = 'read' | 'bare' | 'batch' | 'single'

export interface WindowBench {
  /** The time of each of so many calls, in microseconds. */
  time(subject: Subject, times: number): Promise<number>
}

// As large as the call of a point read, so that what is compared is the door and not the size.
const message = {
  page: 'f'.repeat(32),
  database: 'app',
  name: 'run',
  values: ['c', [{ text: 'SELECT did FROM accounts WHERE id = ?', params: [1] }], {}],
}
const inserts = Array.from({ length: 100 }, (_, index) => sql`INSERT INTO logs VALUES (${`${index}`}, 'a message')`)

/** A window's half of the bench: preload and renderer over a given way to main. */
export async function subjectsOver(
  invoke: (channel: string, value: unknown) => Promise<unknown>,
): Promise<WindowBench> {
  let bridge: unknown
  exposeElectronDatabase({ exposeInMainWorld: (_, api) => (bridge = api) }, { invoke, on: () => undefined })
  const database = new Database(await electronDriver({ name: 'app', bridge: bridge as ElectronBridge }).open())
  await database.batch([
    { text: 'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)' },
    { text: `INSERT INTO accounts VALUES (1, 'did:example:1'), (2, 'did:example:2')` },
    { text: 'CREATE TABLE logs (date TEXT, message TEXT)' },
  ])
  const subjects: Record<Subject, (time: number) => unknown> = {
    read: (time) => database.queryOne(sql`SELECT did FROM accounts WHERE id = ${1 + (time % 2)}`),
    bare: () => invoke('echo', message),
    batch: () => database.batch(inserts),
    single: async () => {
      for (const statement of inserts) await database.execute(statement)
    },
  }
  return { time: (subject, times) => microseconds(times, subjects[subject]) }
}
