import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import type { MigrationOptions } from '../../src/db/migration/migrator-types.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { Database } from '../../src/db/database.ts'
import { identityComponent } from '../../src/identity/component.ts'
import { findDuplicateAccounts, quarantineDuplicates } from '../../src/identity/duplicates.ts'

const one = `did:ethr:0x${'1'.repeat(40)}`
const two = `did:ethr:0x${'2'.repeat(40)}`
const three = `did:ethr:0x${'3'.repeat(40)}`
const accounts = [
  'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
  `INSERT INTO accounts (did) VALUES ('${one}'), ('${two}'), ('${three}')`,
]
const usual = [
  ...accounts,
  'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT, n)',
  `INSERT INTO settings VALUES (1, NULL, '${one}', 1)`,
]

function databaseFile(statements: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-hard-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, 'app.sqlite')
  const run = (...texts: readonly string[]) => {
    const database = new DatabaseSync(filename, { enableForeignKeyConstraints: false })
    for (const text of texts) database.exec(text)
    database.close()
  }
  const rows = (text: string) => {
    const database = new DatabaseSync(filename)
    const found = database.prepare(text).all()
    database.close()
    return found.map((row) => Object.values(row))
  }
  const open = async <T>(use: (migrator: Migrator, db: Database) => Promise<T>, options: MigrationOptions = {}) => {
    const driver = nodeDriver({ filename })
    const connection = await driver.open()
    try {
      const migrator = new Migrator({ driver, connection }, [identityComponent()], { backup: false, ...options })
      return await use(migrator, new Database(connection))
    } finally {
      await connection.close()
    }
  }
  const migrate = (options?: MigrationOptions) => open((migrator) => migrator.launch(), options)
  const rollBack = () => open((migrator) => migrator.rollback())
  run(...statements)
  return { run, rows, open, migrate, rollBack }
}

describe('a rollback', () => {
  test.each([{ hold: [] }, { hold: ['identity-0005'] }])(
    'gives the identity back where the master row was deleted since, with $hold held',
    async (options) => {
      const { run, rows, migrate, rollBack } = databaseFile(usual)
      await migrate(options)
      run('DELETE FROM settings WHERE id = 1')
      await rollBack()
      expect(rows('SELECT id, activeDid FROM settings')).toEqual([[1, one]])
      expect((await migrate()).outcome).toBe('migrated')
      expect(rows('SELECT activeDid FROM active_identity')).toEqual([[one]])
    },
  )

  test('tells rows apart whose text keys differ only behind a NUL', async () => {
    const { rows, migrate, rollBack } = databaseFile([
      ...accounts,
      'CREATE TABLE settings (id TEXT PRIMARY KEY, accountDid TEXT, activeDid TEXT)',
      `INSERT INTO settings VALUES ('a' || char(0) || 'b', NULL, 'b'), ('a' || char(0) || 'c', NULL, 'c'), ('a' || char(0) || 'd', NULL, NULL)`,
    ])
    const before = rows('SELECT hex(id), activeDid FROM settings ORDER BY 1')
    await migrate()
    await rollBack()
    expect(rows('SELECT hex(id), activeDid FROM settings ORDER BY 1')).toEqual(before)
  })

  test.each(["activeDid TEXT DEFAULT 'not null'", "activeDid TEXT CONSTRAINT 'not null' DEFAULT NULL"])(
    'leaves NULL where the column takes NULL, whatever its text says: %s',
    async (definition) => {
      const { rows, migrate, rollBack } = databaseFile([
        ...accounts,
        `CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, ${definition})`,
        `INSERT INTO settings VALUES (1, NULL, '${one}'), (2, 'x', NULL)`,
      ])
      await migrate()
      await rollBack()
      expect(rows('SELECT id, activeDid FROM settings')).toEqual([
        [1, one],
        [2, null],
      ])
    },
  )

  test('fills a column that takes no NULL, however that is written', async () => {
    const { run, rows, migrate, rollBack } = databaseFile([
      ...accounts,
      "CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT NOT/**/NULL DEFAULT '')",
      `INSERT INTO settings VALUES (1, NULL, '${one}')`,
    ])
    await migrate()
    run("INSERT INTO settings (id, accountDid) VALUES (2, 'x')")
    await rollBack()
    expect(rows('SELECT id, activeDid FROM settings')).toEqual([
      [1, one],
      [2, ''],
    ])
  })

  test('gives back bytes that are no UTF-8', async () => {
    const { rows, migrate, rollBack } = databaseFile([
      ...usual,
      "INSERT INTO settings VALUES (2, 'x', CAST(x'ff62' AS TEXT), 1)",
    ])
    await migrate()
    await rollBack()
    expect(rows('SELECT hex(activeDid) FROM settings WHERE id = 2')).toEqual([['FF62']])
  })

  test('gives a value to no row that only took the key of the one it came from, and says so', async () => {
    const { run, rows, migrate, rollBack } = databaseFile([
      ...usual,
      `INSERT INTO settings VALUES (2, '${three}', '${three}', 1)`,
    ])
    await migrate()
    run('DELETE FROM settings WHERE id = 2', `INSERT INTO settings (id, accountDid) VALUES (2, '${two}')`)
    expect((await rollBack()).warnings).toEqual([expect.stringContaining('no row to go back to')])
    expect(rows('SELECT activeDid FROM settings WHERE id = 2')).toEqual([[null]])
  })
})

test('triggers of the user on an earlier active_identity see neither the migration nor the rollback', async () => {
  const { rows, migrate, rollBack } = databaseFile([
    ...usual,
    'CREATE UNIQUE INDEX mine ON accounts (did)',
    'CREATE TABLE active_identity (id INTEGER PRIMARY KEY CHECK (id = 1), activeDid TEXT REFERENCES accounts (did), lastUpdated TEXT)',
    'INSERT INTO active_identity VALUES (1, NULL, NULL)',
    'CREATE TABLE log (x)',
    'CREATE TRIGGER audit AFTER UPDATE ON active_identity BEGIN INSERT INTO log VALUES (1); END',
    "CREATE TRIGGER stop BEFORE DELETE ON active_identity BEGIN SELECT RAISE(ABORT, 'mine'); END",
  ])
  expect((await migrate()).outcome).toBe('migrated')
  await rollBack()
  expect(rows('SELECT count(*) FROM log')).toEqual([[0]])
  expect(rows("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")).toEqual([['audit'], ['stop']])
})

describe('the unique index', () => {
  test('is another one’s when only the name is ours: the launch is refused', async () => {
    const { migrate } = databaseFile([...usual, 'CREATE INDEX selfsame_accounts_did ON accounts (id)'])
    expect(await migrate()).toMatchObject({ outcome: 'refused', error: { code: 'foreign-schema' } })
  })

  test('is made again when another one took its name', async () => {
    const { run, rows, open, migrate } = databaseFile(usual)
    await migrate()
    run('DROP INDEX selfsame_accounts_did', 'CREATE INDEX selfsame_accounts_did ON accounts (id)')
    expect((await open((_, db) => verifyDatabase(db, [identityComponent()]))).ok).toBe(false)
    expect((await migrate()).outcome).toBe('repaired')
    expect(rows("SELECT sql FROM sqlite_schema WHERE name = 'selfsame_accounts_did'")[0]?.[0]).toContain('UNIQUE')
  })
})

test('a table that a tool dropped is told by verify and made again at launch', async () => {
  const { run, rows, open, migrate } = databaseFile(usual)
  await migrate()
  run('DROP TABLE active_identity')
  const report = await open((_, db) => verifyDatabase(db, [identityComponent()]))
  expect(report.invariants.find(({ name }) => name === 'active_identity is there')?.ok).toBe(false)
  expect((await migrate()).outcome).toBe('repaired')
  expect(rows('SELECT id, activeDid FROM active_identity')).toEqual([[1, null]])
  expect((await migrate()).outcome).toBe('current')
})

describe('duplicates', () => {
  test('are named by rowid where a column called id tells accounts not apart', async () => {
    const { rows, open } = databaseFile([
      'CREATE TABLE accounts (id INTEGER, did, k)',
      `INSERT INTO accounts VALUES (1, '${one}', 'k1'), (2, '${one}', 'k2'), (2, '${two}', 'other')`,
    ])
    const driver = (db: Database) => findDuplicateAccounts(db)
    expect(await open((_, db) => driver(db))).toEqual([{ did: one, ids: [1, 2] }])
    const filename = await open(
      async (_, db) => (await db.queryOne<{ file: string }>({ text: 'PRAGMA database_list' }))?.file ?? '',
    )
    const connection = await nodeDriver({ filename }).open()
    expect(await quarantineDuplicates(connection, [1])).toEqual([2])
    await connection.close()
    expect(rows('SELECT did, k FROM accounts')).toEqual([
      [one, 'k1'],
      [two, 'other'],
    ])
  })

  test('are none in a database without accounts', async () => {
    const { open } = databaseFile(['CREATE TABLE notes (x)'])
    expect(await open((_, db) => findDuplicateAccounts(db))).toEqual([])
  })
})
