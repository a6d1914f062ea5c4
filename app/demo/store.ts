import type { DriverConnection } from 'selfsame'
import { indexedDbStore, sqljsDriver } from 'selfsame/sqljs'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url'
import type { LegacyChoice } from './legacy-choice.ts'
import { paintBetween } from './paint-between.ts'

const locateFile = () => wasmUrl
const store = indexedDbStore('selfsame-demo')

/** The app's database: sql.js, kept in IndexedDB. */
export const demoDriver = paintBetween(sqljsDriver({ store, locateFile }))

/** A database in memory, for the diagnostics: they must not touch the app's own. */
export const scratchDriver = () => sqljsDriver({ locateFile })

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
export async function emptyStore(): Promise<void> {
  const owned = await store.acquire?.()
  try {
    for (const { location } of (await store.copies?.list()) ?? []) await store.copies?.remove(location)
    await store.save(new Uint8Array())
  } finally {
    await owned?.release()
  }
}
