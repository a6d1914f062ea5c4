import { readdir, readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { defineComponent } from '../../src/db/migration/define-component.ts'
import { fingerprint } from '../../src/db/migration/schema/fingerprint.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { engines, openDatabase, type TestDatabase } from '../db/migration/test-database.ts'
import { snapshot } from '../property/snapshot.ts'
import { activeDid, alice, bob, carol, ghost, identity, openLegacy, openWith, patches } from './legacy.ts'

const legacy = [
  'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT, publicKeyHex TEXT)',
  'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT, firstName TEXT)',
  `INSERT INTO accounts (did, publicKeyHex) VALUES ('${alice}', 'a'), ('${bob}', 'b')`,
  `INSERT INTO settings (id, activeDid) VALUES (1, '${alice}')`,
]

let opened: TestDatabase
afterEach(() => opened?.close())

describe.each(engines)('active_identity on %s', (engine) => {
  const migrated = async () => {
    opened = await openWith(legacy, engine)
    await opened.migrate(identity)
  }

  test.each([
    ["''", "UPDATE active_identity SET activeDid = ''"],
    ['a DID without an account', `UPDATE active_identity SET activeDid = '${ghost}'`],
    ['a second row', `INSERT INTO active_identity (id, activeDid) VALUES (2, NULL)`],
    ['another id', 'UPDATE active_identity SET id = 2'],
    ['no time', 'UPDATE active_identity SET lastUpdated = NULL'],
    ['a delete', 'DELETE FROM active_identity'],
    ['a delete of its row', 'DELETE FROM active_identity WHERE id = 1'],
    ['a delete of the active account', `DELETE FROM accounts WHERE did = '${alice}'`],
    ['a delete of all accounts', 'DELETE FROM accounts'],
    ['a replacement of the active account', `INSERT OR REPLACE INTO accounts (did) VALUES ('${alice}')`],
    ['a replacement of the active account’s id', `REPLACE INTO accounts (id, did) VALUES (1, '${carol}')`],
    ["an active account with ''", `UPDATE accounts SET did = '' WHERE did = '${alice}'`],
    ['two accounts with one DID', `INSERT INTO accounts (did) VALUES ('${bob}')`],
  ])('refuses %s, and nothing changes', async (_, text) => {
    await migrated()
    const before = await opened.snapshot()
    await expect(opened.run(text)).rejects.toMatchObject({
      code: expect.stringMatching(/^(sqlite|foreign-key-violation)$/),
      sqlite: { primary: 'SQLITE_CONSTRAINT' },
    })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('takes NULL for no identity', async () => {
    await migrated()
    await opened.run('UPDATE active_identity SET activeDid = NULL')
    expect(await opened.list('SELECT activeDid FROM active_identity')).toEqual([null])
  })

  test('follows an account that gets another DID', async () => {
    await migrated()
    await opened.run(`UPDATE accounts SET did = '${carol}' WHERE did = '${alice}'`)
    expect(await activeDid(opened)).toBe(carol)
  })

  test('lets an account go that is not active', async () => {
    await migrated()
    await opened.run(`DELETE FROM accounts WHERE did = '${bob}'`)
    expect(await activeDid(opened)).toBe(alice)
  })

  test('has a time in UTC with milliseconds', async () => {
    await migrated()
    expect(await opened.value('SELECT lastUpdated FROM active_identity')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    )
  })

  test('has its row before anybody wrote to it, in a new database', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(identity)
    expect(await opened.rows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: null }])
  })

  test('makes no master row', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(identity)
    expect(await opened.rows('SELECT * FROM settings')).toEqual([])
  })
})

describe('What foreign keys that were off broke is put right at launch:', () => {
  const broken = async (statements: readonly string[], options = {}) => {
    opened = await openWith(legacy)
    await opened.migrate(identity, options)
    await opened.runUnguarded(...statements)
    const before = await opened.rows('SELECT did FROM accounts')
    const report = await opened.launch(identity, options)
    expect(await opened.rows('SELECT did FROM accounts')).toEqual(before)
    expect((await opened.launch(identity, options)).outcome).toBe('current')
    expect((await verifyDatabase(opened.db, identity)).invariants.every(({ ok }) => ok)).toBe(true)
    return report
  }

  test('the account of the active identity is gone', async () => {
    const report = await broken([`DELETE FROM accounts WHERE did = '${alice}'`])
    expect(report).toMatchObject({ outcome: 'repaired', applied: [] })
    expect(report.repairs).toEqual([{ kind: 'orphan', table: 'active_identity', column: 'activeDid', value: alice }])
    expect(await activeDid(opened)).toBeNull()
  })

  test('an unknown DID was written', async () => {
    const report = await broken([`UPDATE active_identity SET activeDid = '${ghost}'`])
    expect(report).toMatchObject({ outcome: 'repaired', repairs: [{ kind: 'orphan', value: ghost }] })
  })

  test('the row is gone', async () => {
    const report = await broken(['DROP TRIGGER selfsame_active_identity_row', 'DELETE FROM active_identity'])
    expect(report).toMatchObject({ outcome: 'repaired', repairs: [{ kind: 'missing-row' }, { kind: 'missing-guard' }] })
    expect(await opened.rows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: null }])
    await expect(opened.run('DELETE FROM active_identity')).rejects.toThrow('always has its one row')
  })

  test('the guard of the row is gone', async () => {
    const report = await broken(['DROP TRIGGER selfsame_active_identity_row'])
    expect(report.outcome).toBe('repaired')
    await expect(opened.run('DELETE FROM active_identity')).rejects.toThrow('always has its one row')
  })

  test('accounts was built anew without the index', async () => {
    const report = await broken(['DROP INDEX selfsame_accounts_did'])
    expect(report).toMatchObject({ outcome: 'repaired', repairs: [{ kind: 'missing-index' }] })
    await opened.run(`DELETE FROM accounts WHERE did = '${bob}'`)
  })

  test('the index is gone and accounts share a DID: that is refused, and nothing changes', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity)
    await opened.runUnguarded('DROP INDEX selfsame_accounts_did', `INSERT INTO accounts (did) VALUES ('${bob}')`)
    const before = await opened.snapshot()
    expect(await opened.launch(identity)).toMatchObject({ outcome: 'refused', error: { code: 'duplicate-dids' } })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('the account is gone while the old column is held', async () => {
    const hold = { hold: ['identity-0005'] }
    await broken([`DELETE FROM accounts WHERE did = '${alice}'`], hold)
    expect(await opened.value('SELECT activeDid FROM settings')).toBeNull()
  })

  test('and what was cleared is in the log, whole', async () => {
    await broken([`DELETE FROM accounts WHERE did = '${alice}'`])
    expect(await opened.rows('SELECT kind, value, shown FROM selfsame_repairs WHERE shown = 1')).toEqual([
      { kind: 'orphan', value: alice, shown: 1 },
    ])
  })

  test('reading alone repairs nothing', async () => {
    opened = await openWith(legacy)
    await opened.migrate(identity)
    await opened.runUnguarded(`DELETE FROM accounts WHERE did = '${alice}'`)
    const { ok, invariants } = await verifyDatabase(opened.db, identity)
    expect(ok).toBe(false)
    expect(invariants.filter((invariant) => !invariant.ok).map(({ name }) => name)).toEqual([
      'the active identity has an account',
    ])
    expect(await activeDid(opened)).toBe(alice)
  })
})

describe('An orphan in settings', () => {
  test('becomes NULL, is told, and blocks nothing', async () => {
    opened = await openLegacy({ state: 'orphan' })
    const value = await opened.value('SELECT activeDid FROM settings WHERE id = 1')
    const report = await opened.migrate(identity)
    expect(report).toMatchObject({ outcome: 'repaired', applied: patches.slice(1) })
    expect(report.repairs).toEqual([{ kind: 'orphan', table: 'settings', column: 'activeDid', value }])
    expect(await activeDid(opened)).toBeNull()
  })

  test('is told once', async () => {
    opened = await openLegacy({ state: 'orphan' })
    await opened.migrate(identity)
    expect(await opened.migrate(identity)).toMatchObject({ outcome: 'current', repairs: [] })
  })

  test('does not come back when another identity was chosen since', async () => {
    opened = await openLegacy({ state: 'orphan' })
    await opened.migrate(identity)
    const did = await opened.value('SELECT did FROM accounts WHERE id = 2')
    await opened.run({
      text: "UPDATE active_identity SET activeDid = ?, lastUpdated = '2030-01-01T00:00:00.000Z'",
      params: [did],
    })
    await opened.rollback(identity)
    expect(await opened.value('SELECT activeDid FROM settings WHERE id = 1')).toBe(did)
  })

  test('does not come back when the account was added and cleared again', async () => {
    opened = await openLegacy({ state: 'orphan' })
    await opened.migrate(identity)
    await opened.run("UPDATE active_identity SET activeDid = NULL, lastUpdated = '2030-01-01T00:00:00.000Z'")
    await opened.rollback(identity)
    expect(await opened.value('SELECT activeDid FROM settings WHERE id = 1')).toBeNull()
  })
})

describe('Settings of single accounts', () => {
  test('survive with every value', async () => {
    opened = await openLegacy({ accounts: 5, accountActiveDid: 'own' })
    const columns =
      'id, accountDid, firstName, isRegistered, profileImageUrl, hideRegisterPromptOnNewContact, searchBoxes, hasBackedUpSeed'
    const before = await opened.rows(`SELECT ${columns} FROM settings ORDER BY id`)
    await opened.migrate(identity)
    expect(await opened.rows(`SELECT ${columns} FROM settings ORDER BY id`)).toEqual(before)
  })
})

describe('The baseline', () => {
  test.each(engines)('is what the replay of the patches makes, on %s', async (engine) => {
    opened = await openDatabase(engine)
    await opened.migrate(identity, { hold: ['identity-0005'] })
    await opened.migrate(identity)
    const rows = async () => (await snapshot(opened.db, { without: ['active_identity.lastUpdated'] })).tables
    const replayed = { schema: await fingerprint(opened.db), rows: await rows() }
    await opened.close()
    opened = await openDatabase(engine)
    const report = await opened.migrate(identity)
    expect(report).toMatchObject({ outcome: 'migrated', applied: patches, adopted: [] })
    expect(await fingerprint(opened.db)).toBe(replayed.schema)
    expect(replayed.rows['active_identity']).toHaveLength(1)
    expect(await rows()).toEqual(replayed.rows)
  })

  test('is not used where a patch that is folded in has to wait: the replay leaves that patch out', async () => {
    opened = await openDatabase()
    const reader = defineComponent({
      name: 'reader',
      patches: [{ name: 'reader-0001', requires: ['identity-0001'], statements: ['CREATE TABLE reader (x)'] }],
      repeatables: ['CREATE VIEW reader_active AS SELECT activeDid FROM settings'],
    })
    const report = await opened.migrate([...identity, reader])
    expect(report).toMatchObject({ outcome: 'migrated', held: ['identity-0005'] })
    expect(await opened.list("SELECT name FROM pragma_table_info('settings')")).toContain('activeDid')
    expect(await opened.list('SELECT activeDid FROM reader_active')).toEqual([])
  })

  test('is the schema that a full legacy database ends in', async () => {
    opened = await openLegacy({ uniqueDids: false })
    await opened.migrate(identity)
    const columns = (table: string) => opened.list('SELECT name FROM pragma_table_info(?)', table)
    const tables = ['accounts', 'settings', 'contacts', 'secret', 'logs', 'temp', 'active_identity']
    const ended = await Promise.all(tables.map(columns))
    await opened.close()
    opened = await openDatabase()
    await opened.migrate(identity)
    expect(await Promise.all(tables.map(columns))).toEqual(ended)
  })
})

test('The patches import nothing but the data layer below them and the errors', async () => {
  const folder = new URL('../../src/identity/patches/', import.meta.url)
  for (const file of await readdir(folder)) {
    const text = await readFile(new URL(file, folder), 'utf8')
    for (const [, path] of text.matchAll(/from '([^']+)'/g)) {
      expect(path).toMatch(/^(\.\/|\.\.\/\.\.\/(db|errors)\/|\.\.\/duplicates\.ts$)/)
    }
  }
})
