import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Database } from '../src/db/database.ts'
import { nodeDriver } from '../src/db/drivers/node/index.ts'
import { sql } from '../src/db/sql.ts'
import { alternate, compare, microseconds, type BenchResult } from './measure.ts'

const runs = 9
const reads = 5000
const inserts = 100

const accountSettings = `SELECT a.did, m.apiServer, coalesce(o.firstName, m.firstName) AS firstName, i.activeDid
  FROM settings m
  LEFT JOIN active_identity i ON i.id = 1
  LEFT JOIN accounts a ON a.did = i.activeDid
  LEFT JOIN settings o ON o.accountDid = i.activeDid
  WHERE m.id = 1`

const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT UNIQUE);
  CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, apiServer TEXT, firstName TEXT);
  CREATE UNIQUE INDEX settings_account ON settings (accountDid);
  CREATE TABLE active_identity (id INTEGER PRIMARY KEY, activeDid TEXT);
  CREATE TABLE logs (date TEXT, message TEXT);
  INSERT INTO accounts VALUES (1, 'did:example:1'), (2, 'did:example:2');
  INSERT INTO settings VALUES (1, NULL, 'https://example.org', 'Master'), (2, 'did:example:1', NULL, 'First');
  INSERT INTO active_identity VALUES (1, 'did:example:1');`

/** What a call costs above the engine itself. */
export async function calls(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const filename = join(folder, 'app.sqlite')
  const raw = new DatabaseSync(filename)
  raw.exec(schema)
  const database = new Database(await nodeDriver({ filename }).open())
  try {
    return [await pointReads(database, raw), await settingsReads(database, raw), await batches(database)]
  } finally {
    await database.close()
    raw.close()
    rmSync(folder, { recursive: true })
  }
}

async function pointReads(database: Database, raw: DatabaseSync): Promise<BenchResult> {
  const prepared = raw.prepare('SELECT did FROM accounts WHERE id = ?')
  const { subject, peer } = await alternate(
    runs,
    () => microseconds(reads, (time) => database.queryOne(sql`SELECT did FROM accounts WHERE id = ${1 + (time % 2)}`)),
    () => microseconds(reads, (time) => prepared.get(1 + (time % 2))),
  )
  const names = { subject: 'Database.queryOne', peer: 'node:sqlite, a prepared statement' }
  return compare({ name: 'One row by its key', ...names, unit: 'µs' }, subject, peer)
}

async function settingsReads(database: Database, raw: DatabaseSync): Promise<BenchResult> {
  const prepared = raw.prepare(accountSettings)
  const { subject, peer } = await alternate(
    runs,
    () => microseconds(reads, () => database.queryOne({ text: accountSettings })),
    () => microseconds(reads, () => prepared.get()),
  )
  const names = { subject: 'Database.queryOne', peer: 'node:sqlite, a prepared statement' }
  return compare(
    { name: 'The settings of the active account: one statement, three joins', ...names, unit: 'µs' },
    subject,
    peer,
  )
}

async function batches(database: Database): Promise<BenchResult> {
  const statements = Array.from(
    { length: inserts },
    (_, index) => sql`INSERT INTO logs VALUES (${`${index}`}, 'a message')`,
  )
  const { subject, peer } = await alternate(
    runs,
    () => microseconds(1, () => database.batch(statements)),
    () =>
      microseconds(1, async () => {
        for (const statement of statements) await database.execute(statement)
      }),
  )
  const names = { subject: 'Database.batch, once', peer: 'Database.execute, 100 times' }
  return compare({ name: '100 inserts', ...names, unit: 'ms' }, subject.map(milli), peer.map(milli))
}

function milli(micro: number): number {
  return micro / 1000
}
