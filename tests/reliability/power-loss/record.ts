import { createHash } from 'node:crypto'
import type { Driver, DriverConnection } from '../../../src/db/driver.ts'
import { loadEngine } from '../../../src/db/drivers/web/engine/load-engine.ts'
import { WasmStatementRunner } from '../../../src/db/drivers/web/engine/statement-runner.ts'
import { WasmDatabase } from '../../../src/db/drivers/web/engine/wasm-database.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { SessionQueue } from '../../../src/db/session-queue.ts'
import { buildLegacyDatabase, writeLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { components } from './components.ts'
import { RecordingDisk, type DiskEvent } from './recording-disk.ts'
import { installRecordingVfs, powersafeOverwrite, undeletableWhenOpen } from './recording-vfs.ts'

export const databaseName = 'app.sqlite'

/** How SQLite is told to keep its promises. */
export interface JournalSettings {
  readonly journal: 'DELETE' | 'TRUNCATE' | 'WAL'
  readonly synchronous: 'EXTRA' | 'FULL' | 'NORMAL' | 'OFF'
}

/** Everything a run did to its disk. States are known by the digest of all rows, and numbered in the order of commits. */
export interface Recording {
  readonly events: readonly DiskEvent[]
  readonly states: ReadonlyMap<string, number>
  /** Events before this one wrote the database that the run starts from; they are on the disk. */
  readonly start: number
}

/** How many commits follow the migration. */
const commits = 24

/** Migrates a legacy database and commits a while, as an app that has just been updated does. */
export async function record({ journal, synchronous }: JournalSettings): Promise<Recording> {
  const module = await loadEngine()
  const disk = new RecordingDisk()
  const characteristics = journal === 'WAL' ? undeletableWhenOpen : powersafeOverwrite
  const vfs = installRecordingVfs(module, disk, characteristics)
  const open = (pragmas: readonly string[]) => new WasmDatabase(module, { filename: databaseName, vfs, pragmas })

  const first = open([])
  // Kept in the file's header: with so few pages a transaction writes to the file long before it commits.
  first.read('PRAGMA default_cache_size = 16')
  await writeLegacyDatabase(
    connectionOf(first),
    buildLegacyDatabase({ additions: ['views', 'triggers', 'indexes'], contacts: 12 }),
  )
  first.close()
  const start = disk.events.length

  // As the web driver, which has no shared memory. With a journal this would keep it, its header zeroed, instead of deleting it.
  const locking = journal === 'WAL' ? ['locking_mode = EXCLUSIVE'] : []
  const database = open([...locking, `journal_mode = ${journal}`, `synchronous = ${synchronous}`])
  // Usually 1000 pages, more than this run has: the WAL is written back, and begun anew, several times.
  database.read('PRAGMA wal_autocheckpoint = 30')
  const states = new Map<string, number>()
  const acknowledge = () => {
    const state = states.size
    states.set(
      digest((text) => database.read(text)),
      state,
    )
    disk.events.push({ type: 'acknowledge', state })
  }
  acknowledge()
  const connection = connectionOf(database)
  const { error } = await new Migrator({ driver: driverOf(connection), connection }, components).launch()
  if (error) throw error
  acknowledge()
  for (let commit = 1; commit <= commits; commit += 1) {
    await connection.run(
      statementsOf(commit).map((text) => ({ text, params: [] })),
      { transaction: true },
    )
    acknowledge()
  }
  // Not closed: power is lost while the app runs.
  return { events: disk.events, states, start }
}

/** The digest of all rows of all tables, by any engine. */
export function digest(read: (text: string) => readonly (readonly unknown[])[]): string {
  const hash = createHash('sha1')
  const names = read(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%' ORDER BY name",
  )
  for (const [name] of names) hash.update(JSON.stringify([name, read(`SELECT * FROM [${String(name)}]`)], plain))
  return hash.digest('base64')
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

/** Small and large writes in turn: a switch of identity, new rows, longer rows, deleted ones. */
function statementsOf(commit: number): string[] {
  const switchIdentity = `UPDATE active_identity SET activeDid = (SELECT did FROM accounts WHERE id = ${1 + (commit % 3)}), lastUpdated = 'commit ${commit}'`
  const writes = [
    `INSERT INTO logs (date, message) VALUES ('commit ${commit}', hex(zeroblob(${commit * 40})))`,
    `UPDATE contacts SET notes = 'commit ${commit} ' || hex(zeroblob(600)) WHERE id % 3 = ${commit % 3}`,
    `INSERT INTO temp (id, blobB64) VALUES ('${commit}', hex(zeroblob(9000)))`,
    `DELETE FROM temp WHERE id <> '${commit}'`,
  ]
  return [switchIdentity, writes[commit % writes.length]!]
}

function connectionOf(database: WasmDatabase): DriverConnection {
  const runner = new WasmStatementRunner(database)
  const queue = new SessionQueue({
    run: (statements, options) => runner.run(statements, options),
    inTransaction: () => database.inTransaction,
  })
  return {
    engine: 'recording',
    run: (statements, options) => queue.run(statements, options),
    reserve: () => queue.reserve(),
    export: async () => database.image(),
    close: async () => database.close(),
  }
}

function driverOf(connection: DriverConnection): Driver {
  return {
    name: 'recording',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: true, durable: true, multipleConnections: false },
    open: async () => connection,
    acquireLaunchLock: async () => async () => undefined,
  }
}
