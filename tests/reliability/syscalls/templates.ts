import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { buildLegacyDatabase, writeLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { stoppedComponents } from './components.ts'
import { readState, withDatabase, type DatabaseState } from './database-state.ts'
import { databaseName, keptCopy, runOperation, type OperationName } from './operations.ts'

/** The journal's mode, and whether pages leave the cache in the middle of a transaction. */
export type JournalMode = 'delete' | 'wal' | 'delete, small cache'

/** An operation in one journal mode: the files it starts from, and what the database holds before and after it. */
export interface Scenario {
  readonly operation: OperationName
  readonly journal: JournalMode
  readonly template: string
  readonly before: DatabaseState
  readonly after: DatabaseState
  /** What the database holds when, after the operation, an app is started. */
  readonly started: DatabaseState
}

/** Makes the folder an operation starts from, and runs it once undisturbed to know its end. */
export async function prepareScenario(operation: OperationName, journal: JournalMode, root: string): Promise<Scenario> {
  const template = join(root, `${operation}-${journal}`)
  const database = join(template, databaseName)
  rmSync(template, { recursive: true, force: true })
  mkdirSync(template, { recursive: true })
  await writeLegacy(database, journal)
  if (operation.startsWith('restore')) cpSync(database, join(template, keptCopy))
  if (operation === 'continue') await stopHalfWay(database)
  else if (operation !== 'migrate') await runOperation('migrate', template)
  if (operation !== 'migrate') {
    removeCopies(template)
  }
  if (operation === 'restore over damage') damage(database)
  const trial = join(root, 'trial')
  layOut(template, trial)
  const before = readState(join(trial, databaseName))
  await runOperation(operation, trial)
  const after = readState(join(trial, databaseName))
  await runOperation('migrate', trial)
  const started = readState(join(trial, databaseName))
  rmSync(trial, { recursive: true })
  return { operation, journal, template, before, after, started }
}

/** A launch whose patch in pieces fails after the first piece: the next one goes on with it. */
async function stopHalfWay(file: string): Promise<void> {
  const driver = nodeDriver({ filename: file, create: false })
  const connection = await driver.open()
  const { outcome } = await new Migrator({ driver, connection }, stoppedComponents).launch()
  await connection.close()
  if (outcome !== 'failed') throw new Error(`The launch that was to fail half way ended as ${outcome}.`)
}

/** Puts a fresh copy of the template's files into a folder. */
export function layOut(template: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  cpSync(template, folder, { recursive: true })
}

/** As after a fault of the disk's: the header is gone, and with it what makes the file a database. */
function damage(file: string): void {
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 0, 100)
  writeFileSync(file, bytes)
}

async function writeLegacy(file: string, journal: JournalMode): Promise<void> {
  withDatabase(file, (database) => {
    // The size is kept in the file's header: with ten pages a transaction writes to the file long before it commits.
    if (journal === 'delete, small cache') database.exec('PRAGMA default_cache_size = 10')
    else if (journal === 'wal') database.exec('PRAGMA journal_mode = WAL')
  })
  const connection = await nodeDriver({ filename: file }).open()
  const rows = buildLegacyDatabase({
    additions: ['views', 'triggers', 'indexes'],
    accountActiveDid: 'own',
    contacts: 6,
  })
  await writeLegacyDatabase(connection, rows)
  await connection.close()
}

/** The backup that the migration made is no part of where the next operation starts. */
function removeCopies(template: string): void {
  for (const name of readdirSync(template)) {
    if (name !== databaseName && name !== keptCopy) rmSync(join(template, name))
  }
}
