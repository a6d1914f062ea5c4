import { afterEach, describe, expect, test } from 'vitest'
import { findDuplicateAccounts, quarantineDuplicates } from '../../src/identity/duplicates.ts'
import { engines, type TestDatabase } from '../db/migration/test-database.ts'
import { alice, bob, identity, openLegacy, openWith } from './legacy.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const accounts = (definition: string, ...rows: string[]) => [
  `CREATE TABLE accounts (${definition})`,
  'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT)',
  ...rows.map((row) => `INSERT INTO accounts VALUES ${row}`),
]
const three = accounts(
  'id INTEGER PRIMARY KEY, did TEXT, mnemonic TEXT',
  `(3, '${alice}', 'k3')`,
  `(5, '${bob}', 'k5')`,
  `(8, '${alice}', 'k8')`,
)

describe.each(engines)('Two accounts with one DID, on %s,', (engine) => {
  test('stop the launch before anything changes', async () => {
    opened = await openWith(three, engine)
    const before = await opened.snapshot()
    const report = await opened.launch(identity)
    expect(report).toMatchObject({
      outcome: 'refused',
      applied: [],
      adopted: [],
      repairs: [],
      backup: null,
      error: { code: 'duplicate-dids' },
    })
    expect(await opened.snapshot()).toEqual(before)
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'selfsame*'")).toEqual([])
  })

  test('are listed, their DIDs shortened', async () => {
    opened = await openWith(three, engine)
    const { error } = await opened.launch(identity)
    expect(error?.details).toMatchObject({ rows: [{ did: 'did:ethr:…aa01', ids: '3, 8' }] })
    expect(JSON.stringify(error)).not.toContain(alice)
  })

  test('are listed by a plan with their DIDs whole, which it was asked for', async () => {
    opened = await openWith(three, engine)
    expect((await opened.plan(identity)).problems).toMatchObject([
      { code: 'duplicate-dids', rows: [{ did: alice, ids: '3, 8' }] },
    ])
  })

  test('are settled by choosing one; the other is set aside with all it had', async () => {
    opened = await openWith(three, engine)
    expect(await quarantineDuplicates(opened.connection, [8])).toEqual([3])
    expect(await opened.rows('SELECT * FROM accounts ORDER BY id')).toEqual([
      { id: 5, did: bob, mnemonic: 'k5' },
      { id: 8, did: alice, mnemonic: 'k8' },
    ])
    expect(await opened.rows('SELECT id, did, mnemonic FROM selfsame_quarantined_accounts')).toEqual([
      { id: 3, did: alice, mnemonic: 'k3' },
    ])
    expect((await opened.migrate(identity)).outcome).toBe('migrated')
  })
})

describe('Duplicate accounts', () => {
  test.each<{ name: string; database: readonly string[]; found: { did: string; ids: number[] }[] }>([
    {
      name: 'are none where all differ',
      database: accounts('id INTEGER PRIMARY KEY, did TEXT', `(1, '${alice}')`, `(2, '${bob}')`),
      found: [],
    },
    {
      name: 'are none where the DID is NULL',
      database: accounts('id INTEGER PRIMARY KEY, did TEXT', '(1, NULL)', '(2, NULL)'),
      found: [],
    },
    {
      name: "are those with ''",
      database: accounts('id INTEGER PRIMARY KEY, did TEXT', "(1, '')", "(2, '')"),
      found: [{ did: '', ids: [1, 2] }],
    },
    {
      name: 'differ in case alone where the column does not',
      database: accounts(
        'id INTEGER PRIMARY KEY, did TEXT COLLATE NOCASE',
        `(1, '${alice}')`,
        `(2, '${alice.toUpperCase()}')`,
      ),
      found: [{ did: alice, ids: [1, 2] }],
    },
    {
      name: 'differ in case where the column does',
      database: accounts('id INTEGER PRIMARY KEY, did TEXT', `(1, '${alice}')`, `(2, '${alice.toUpperCase()}')`),
      found: [],
    },
    {
      name: 'go by rowid without an id',
      database: accounts('did TEXT', `('${alice}')`, `('${alice}')`),
      found: [{ did: alice, ids: [1, 2] }],
    },
    {
      name: 'go by rowid where the id is text',
      database: accounts('id TEXT, did TEXT', `('x', '${alice}')`, `('y', '${alice}')`),
      found: [{ did: alice, ids: [1, 2] }],
    },
    {
      name: 'are found under other letters',
      database: accounts('ID INTEGER PRIMARY KEY, DID TEXT', `(1, '${alice}')`, `(2, '${alice}')`),
      found: [{ did: alice, ids: [1, 2] }],
    },
    {
      name: 'are found without a rowid',
      database: accounts(
        'did TEXT, device TEXT, PRIMARY KEY (device)) WITHOUT ROWID --',
        `('${alice}', 'a')`,
        `('${alice}', 'b')`,
      ),
      found: [{ did: alice, ids: [1, 2] }],
    },
  ])('$name', async ({ database, found }) => {
    opened = await openWith(database.map((text) => text.replace(/ --\)$/, '')))
    const duplicates = await findDuplicateAccounts(opened.db)
    expect(duplicates.map(({ did, ids }) => ({ did: did.toLowerCase(), ids }))).toEqual(
      found.map((entry) => ({ ...entry, did: entry.did.toLowerCase() })),
    )
    const report = await opened.launch(identity)
    expect(report.outcome).toBe(found.length > 0 ? 'refused' : 'migrated')
  })

  test.each([
    ['an id that shares no DID', [5]],
    ['an id that is not there', [99]],
    ['two ids of one DID', [3, 8]],
  ])('refuse %s to keep, and nothing changes', async (_, keep) => {
    opened = await openWith(three)
    const before = await opened.snapshot()
    await expect(quarantineDuplicates(opened.connection, keep)).rejects.toMatchObject({ code: 'invalid-value' })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('stay where nothing is to be kept', async () => {
    opened = await openWith(three)
    expect(await quarantineDuplicates(opened.connection, [])).toEqual([])
  })

  test('stay where a row elsewhere refers to the one that would go', async () => {
    opened = await openWith([
      ...three,
      'CREATE TABLE devices (account REFERENCES accounts (id) ON DELETE CASCADE)',
      'INSERT INTO devices VALUES (3)',
    ])
    const before = await opened.snapshot()
    await expect(quarantineDuplicates(opened.connection, [8])).rejects.toMatchObject({ code: 'foreign-key-violation' })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('are set aside without the triggers of a user noticing', async () => {
    opened = await openWith([
      ...three,
      'CREATE TABLE audit (x)',
      'CREATE TRIGGER t AFTER DELETE ON accounts BEGIN INSERT INTO audit VALUES (OLD.did); END',
    ])
    await quarantineDuplicates(opened.connection, [3])
    expect(await opened.list('SELECT x FROM audit')).toEqual([])
  })

  test('can be settled twice, the second time after more came', async () => {
    opened = await openWith(three)
    await quarantineDuplicates(opened.connection, [8])
    await opened.run(`INSERT INTO accounts VALUES (9, '${bob}', 'k9')`)
    await quarantineDuplicates(opened.connection, [5])
    expect(await opened.list('SELECT id FROM selfsame_quarantined_accounts ORDER BY id')).toEqual([3, 9])
  })

  test('in a full legacy database keep every column of the one set aside', async () => {
    opened = await openLegacy({ state: 'duplicate', additions: ['columns'] })
    const [, second] = (await findDuplicateAccounts(opened.db))[0]!.ids
    const row = (await opened.rows('SELECT * FROM accounts WHERE id = ?', second))[0]
    await quarantineDuplicates(opened.connection, [1])
    const { quarantined_at: _, ...aside } = (await opened.rows('SELECT * FROM selfsame_quarantined_accounts'))[0]!
    expect(aside).toEqual(row)
    expect((await opened.migrate(identity)).outcome).toBe('migrated')
  })
})
