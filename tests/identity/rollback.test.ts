import { afterEach, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/db/migration/schema/fingerprint.ts'
import { openDatabase, type TestDatabase } from '../db/migration/test-database.ts'
import { activeDid, alice, bob, carol, identity, openLegacy, openWith, patches } from './legacy.ts'

const legacy = [
  'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT, publicKeyHex TEXT)',
  'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT, firstName TEXT)',
  `INSERT INTO accounts (did, publicKeyHex) VALUES ('${alice}', 'a'), ('${bob}', 'b')`,
  `INSERT INTO settings (id, activeDid) VALUES (1, '${alice}')`,
]

let opened: TestDatabase
afterEach(() => opened?.close())

describe('A rollback', () => {
  test('keeps every row that was written since', async () => {
    opened = await openLegacy({ additions: ['tables', 'columns'] })
    await opened.migrate(identity)
    await opened.run(
      "INSERT INTO contacts (did, name) VALUES ('did:new', 'New')",
      `INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2026-01-01', '${carol}', 'k')`,
      `INSERT INTO settings (accountDid, firstName) VALUES ('${carol}', 'Carol')`,
      'DELETE FROM settings WHERE id = 3',
    )
    const { tables } = await opened.snapshot()
    await opened.rollback(identity)
    const back = await opened.snapshot()
    for (const table of ['contacts', 'accounts', 'secret', 'logs', 'temp', 'invitations', 'devices']) {
      expect(back.tables[table]).toEqual(tables[table])
    }
    expect(await opened.list('SELECT firstName FROM settings WHERE accountDid = ?', carol)).toEqual(['Carol'])
    expect(await opened.value('SELECT count(*) FROM settings WHERE id = 3')).toBe(0)
  })

  test('puts the column back in its place when the table has changed since', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity)
    await opened.run('ALTER TABLE settings ADD COLUMN theme TEXT', "UPDATE settings SET theme = 'dark'")
    await opened.rollback(identity)
    expect(await opened.rows('SELECT * FROM settings')).toEqual([
      { id: 1, accountDid: null, activeDid: alice, firstName: null, theme: 'dark' },
    ])
  })

  test('gives back what rows of accounts held', async () => {
    opened = await openLegacy({ accountActiveDid: 'orphan' })
    const held = await opened.rows('SELECT id, activeDid FROM settings ORDER BY id')
    await opened.migrate(identity)
    const did = await opened.value('SELECT did FROM accounts WHERE id = 3')
    await opened.run({
      text: "UPDATE active_identity SET activeDid = ?, lastUpdated = '2030-01-01T00:00:00.000Z'",
      params: [did],
    })
    await opened.rollback(identity)
    expect(await opened.rows('SELECT id, activeDid FROM settings ORDER BY id')).toEqual([
      { id: 1, activeDid: did },
      ...held.slice(1),
    ])
  })

  test('follows an account whose DID changed since', async () => {
    opened = await openLegacy({ activeIdentity: 'restrict', activeIdentityValue: 'newer' })
    await opened.migrate(identity)
    await opened.run({ text: 'UPDATE accounts SET did = ? WHERE id = 3', params: [carol] })
    await opened.rollback(identity)
    expect(await activeDid(opened)).toBe(carol)
    expect(await opened.value('SELECT activeDid FROM settings WHERE id = 1')).toBe(carol)
  })

  test('of a new database ends in the legacy schema', async () => {
    opened = await openDatabase()
    await opened.migrate(identity, { to: 'identity-0001' })
    const expected = await fingerprint(opened.db)
    await opened.close()
    opened = await openDatabase()
    await opened.migrate(identity)
    await opened.rollback(identity)
    expect(await fingerprint(opened.db)).toBe(expected)
  })

  test('of a new database with an identity makes the master row that holds it', async () => {
    opened = await openDatabase()
    await opened.migrate(identity)
    await opened.run(
      `INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2026', '${alice}', 'k')`,
      `UPDATE active_identity SET activeDid = '${alice}'`,
    )
    await opened.rollback(identity)
    expect(await opened.rows('SELECT id, activeDid FROM settings')).toEqual([{ id: 1, activeDid: alice }])
  })

  test('can be done over and over', async () => {
    opened = await openLegacy({
      state: 'orphan',
      accountActiveDid: 'own',
      activeIdentity: 'set-null',
      activeIdentityValue: 'none',
    })
    const before = await opened.snapshot()
    for (let round = 0; round < 3; round += 1) {
      await opened.migrate(identity)
      await opened.rollback(identity)
      expect(await opened.snapshot()).toEqual(before)
    }
  })
})

describe('A database whose earlier app had dropped settings.activeDid', () => {
  const dropped = [
    'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT NOT NULL UNIQUE)',
    'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, firstName TEXT)',
    `CREATE TABLE active_identity (id INTEGER PRIMARY KEY CHECK (id = 1), activeDid TEXT DEFAULT NULL,
      lastUpdated TEXT NOT NULL DEFAULT (datetime('now')), FOREIGN KEY (activeDid) REFERENCES accounts(did) ON DELETE RESTRICT)`,
    `INSERT INTO accounts (did) VALUES ('${alice}'), ('${bob}')`,
    `INSERT INTO active_identity VALUES (1, '${bob}', '2025-09-01 07:24:00')`,
  ]

  test('is adopted, and goes back to the letter', async () => {
    opened = await openWith(dropped)
    const before = await opened.snapshot()
    expect(await opened.migrate(identity)).toMatchObject({ outcome: 'migrated', adopted: ['identity-0001'], held: [] })
    expect(await activeDid(opened)).toBe(bob)
    await opened.rollback(identity)
    expect(await opened.snapshot()).toEqual(before)
    await opened.migrate(identity)
    expect(await activeDid(opened)).toBe(bob)
  })

  test('keeps what was chosen since on going back', async () => {
    opened = await openWith(dropped)
    await opened.migrate(identity)
    await opened.run(`UPDATE active_identity SET activeDid = '${alice}', lastUpdated = '2030-01-01T00:00:00.000Z'`)
    await opened.rollback(identity)
    expect(await activeDid(opened)).toBe(alice)
  })
})

describe('A migrated database that has lost its ledger', () => {
  const loseLedger = () =>
    opened.runUnguarded(
      ...['ledger', 'repeatables', 'repairs', 'cursors', 'set_up'].map((name) => `DROP TABLE selfsame_${name}`),
    )

  test('is recognised, and nothing is run again', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity)
    await loseLedger()
    const before = await opened.snapshot()
    expect(await opened.migrate(identity)).toMatchObject({ outcome: 'migrated', adopted: patches, applied: [] })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('while the old column is held goes on from there', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity, { hold: ['identity-0005'] })
    await loseLedger()
    expect(await opened.migrate(identity)).toMatchObject({ adopted: patches.slice(0, 4), applied: ['identity-0005'] })
    expect(await activeDid(opened)).toBe(alice)
  })

  test('still rolls back with the identity it has', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity)
    await loseLedger()
    await opened.migrate(identity)
    await opened.rollback(identity)
    expect(await opened.rows('SELECT id, activeDid FROM settings')).toEqual([{ id: 1, activeDid: alice }])
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE name = 'active_identity'")).toEqual([])
  })
})
