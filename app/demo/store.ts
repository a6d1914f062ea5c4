import type { Driver, DriverConnection } from 'selfsame'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import { removeWebDatabase, webDriver } from 'selfsame/web'
import type { LegacyChoice } from './legacy-choice.ts'

const name = 'selfsame-demo'

/** The app's database: SQLite in a worker, in the best storage that this browser gives, for all tabs together. */
export const demoDriver = webDriver({ name })

/** Gives `work` an empty database of its own in the same kind of storage, and removes it: the diagnostics must not touch the app's. */
export async function withScratchDriver(work: (driver: Driver) => Promise<void>): Promise<void> {
  const scratch = `selfsame-diagnostics-${crypto.randomUUID()}`
  try {
    await work(webDriver({ name: scratch, persist: false }))
  } finally {
    await removeWebDatabase(scratch)
  }
}

/** Whether there is no table in the store yet. Writes nothing. */
export async function isStoreEmpty(): Promise<boolean> {
  const connection = await demoDriver.open()
  try {
    return await isEmpty(connection)
  } finally {
    await connection.close()
  }
}

async function isEmpty(connection: DriverConnection): Promise<boolean> {
  const [result] = await connection.run([{ text: 'SELECT count(*) FROM sqlite_schema', params: [] }])
  return result?.rows[0]?.[0] === 0
}

/** Writes the legacy database, unless another tab was quicker. */
export async function fillStore(choice: LegacyChoice): Promise<void> {
  const connection = await demoDriver.open()
  try {
    if (!(await isEmpty(connection))) return
    await writeLegacyDatabase(connection, buildLegacyDatabase({ ...choice, additions: ['tables', 'views', 'indexes'] }))
  } finally {
    await connection.close()
  }
}

/** The database file, for the command line and other tools. */
export async function readStore(): Promise<Uint8Array<ArrayBuffer>> {
  const connection = await demoDriver.open()
  try {
    return new Uint8Array(await connection.export())
  } finally {
    await connection.close()
  }
}

/** Deletes the database and its backups. */
export function emptyStore(): Promise<void> {
  return removeWebDatabase(name)
}
