import { afterEach, describe, expect, test } from 'vitest'
import { buildLegacyDatabase, type LegacyDatabaseOptions } from '../../src/testing/legacy/index.ts'
import { engines, openDatabase, type TestDatabase } from '../db/migration/test-database.ts'
import { activeDid, alice, bob, ghost, identity, masterDid, minimalTables, patches, twoAccounts } from './legacy.ts'

const settingsRow = (value: string) => `INSERT INTO settings (id, accountDid, activeDid) VALUES ${value}`
const settingsAs = (definition: string) => [minimalTables[0]!, `CREATE TABLE settings ${definition}`, ...twoAccounts]
const accountsAs = (definition: string) => [
  `CREATE TABLE accounts ${definition}`,
  minimalTables[1]!,
  ...twoAccounts,
  settingsRow(`(1, NULL, '${alice}'), (2, '${alice}', NULL)`),
]

interface LegacyState {
  readonly name: string
  readonly database: LegacyDatabaseOptions | readonly string[]
  /** What the active identity is afterwards: a DID, `null`, or the place of an account. */
  readonly active: string | null | number
  readonly repairs?: number
  readonly held?: boolean
  readonly withoutAccounts?: boolean
}

const earlierStates = (['not-null-cascade', 'set-null', 'restrict'] as const).flatMap((activeIdentity) =>
  (['same', 'newer', 'none', 'no-row'] as const).flatMap((activeIdentityValue): LegacyState[] => [
    {
      name: `active_identity ${activeIdentity}, ${activeIdentityValue}`,
      database: { activeIdentity, activeIdentityValue },
      active: activeIdentityValue === 'newer' ? -1 : 0,
    },
    {
      name: `active_identity ${activeIdentity}, ${activeIdentityValue}, nothing in settings`,
      database: { activeIdentity, activeIdentityValue, state: 'none', noneAs: 'empty' },
      active: activeIdentityValue === 'newer' ? -1 : null,
    },
    {
      name: `active_identity ${activeIdentity}, ${activeIdentityValue}, no master row`,
      database: { activeIdentity, activeIdentityValue, masterRow: false },
      active: activeIdentityValue === 'newer' ? -1 : activeIdentityValue === 'same' ? 0 : null,
    },
    {
      name: `active_identity ${activeIdentity}, ${activeIdentityValue}, an orphan in settings`,
      database: { activeIdentity, activeIdentityValue, state: 'orphan' },
      active: activeIdentityValue === 'newer' ? -1 : null,
      ...(activeIdentityValue === 'newer' ? {} : { repairs: 1 }),
    },
  ]),
)

const states: readonly LegacyState[] = [
  { name: 'a valid DID', database: {}, active: 0 },
  { name: 'NULL', database: { state: 'none' }, active: null },
  { name: "''", database: { state: 'none', noneAs: 'empty' }, active: null },
  { name: 'an orphan', database: { state: 'orphan' }, active: null, repairs: 1 },
  { name: 'no account at all', database: { accounts: 0, state: 'none' }, active: null, withoutAccounts: true },
  {
    name: 'an orphan without any account',
    database: { accounts: 0, state: 'orphan' },
    active: null,
    repairs: 1,
    withoutAccounts: true,
  },
  { name: 'no master row', database: { masterRow: false }, active: null },
  { name: 'no settings row at all', database: { masterRow: false, accountSettings: false }, active: null },
  { name: 'settings.id as TEXT', database: { settingsId: 'text' }, active: 0 },
  {
    name: 'settings.id as TEXT, an orphan',
    database: { settingsId: 'text', state: 'orphan' },
    active: null,
    repairs: 1,
  },
  { name: 'rows of accounts with their own DID', database: { accountActiveDid: 'own' }, active: 0 },
  { name: 'rows of accounts with orphans', database: { accountActiveDid: 'orphan' }, active: 0 },
  {
    name: "rows of accounts with ''",
    database: { accountActiveDid: 'empty', state: 'none', noneAs: 'empty' },
    active: null,
  },
  { name: 'unique DIDs already', database: { uniqueDids: true }, active: 0 },
  { name: 'a list of migrations', database: { migrations: true }, active: 0 },
  {
    name: 'all additions but a reader',
    database: { additions: ['tables', 'columns', 'views', 'triggers', 'indexes'] },
    active: 0,
  },
  { name: 'a reader', database: { additions: ['view-of-active-did'] }, active: 0, held: true },
  ...earlierStates,
  {
    name: 'the least tables',
    database: [...minimalTables, ...twoAccounts, settingsRow(`(1, NULL, '${bob}')`)],
    active: bob,
  },
  { name: 'the least tables, empty', database: minimalTables, active: null, withoutAccounts: true },
  {
    name: 'settings without a primary key',
    database: [
      ...settingsAs('(id INTEGER, accountDid TEXT, activeDid TEXT)'),
      settingsRow(`(1, NULL, '${bob}'), (2, '${alice}', '${alice}')`),
    ],
    active: bob,
  },
  {
    name: 'settings.id without a type, the master row as text',
    database: [
      ...settingsAs('(id, accountDid, activeDid)'),
      settingsRow(`('1', NULL, '${bob}'), (2, '${alice}', '${ghost}')`),
    ],
    active: bob,
  },
  {
    name: 'settings.id without a type, two master rows',
    database: [
      ...settingsAs('(id, accountDid, activeDid)'),
      settingsRow(`('1', NULL, '${bob}'), (1, '${alice}', '${alice}')`),
    ],
    active: alice,
  },
  {
    name: 'two master rows, both orphans',
    database: [
      ...settingsAs('(id, accountDid, activeDid)'),
      settingsRow(`('1', NULL, '${ghost}a'), (1, '${alice}', '${ghost}')`),
    ],
    active: null,
    repairs: 1,
  },
  {
    name: 'settings WITHOUT ROWID',
    database: [
      ...settingsAs('(id TEXT PRIMARY KEY, accountDid TEXT, activeDid TEXT) WITHOUT ROWID'),
      settingsRow(`('1', NULL, '${bob}'), ('2', '${alice}', '')`),
    ],
    active: bob,
  },
  {
    name: 'settings with a primary key of two columns',
    database: [
      ...settingsAs('(id TEXT, accountDid TEXT, activeDid TEXT, PRIMARY KEY (id, accountDid))'),
      settingsRow(`('1', '', '${bob}'), ('2', '${alice}', '${ghost}'), ('2', '${bob}', NULL)`),
    ],
    active: bob,
  },
  {
    name: 'a row of settings without an id that holds the active DID',
    database: [
      ...settingsAs('(id TEXT PRIMARY KEY, accountDid TEXT, activeDid TEXT)'),
      settingsRow(`('1', NULL, '${bob}'), (NULL, '${alice}', '${bob}'), (NULL, '${bob}', '${ghost}')`),
    ],
    active: bob,
  },
  {
    name: "activeDid NOT NULL DEFAULT ''",
    database: [
      ...settingsAs("(id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT NOT NULL DEFAULT '')"),
      settingsRow(`(1, NULL, '${bob}'), (2, '${alice}', '')`),
    ],
    active: bob,
  },
  {
    name: 'activeDid NOT NULL, an orphan',
    database: [
      ...settingsAs('(id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT NOT NULL)'),
      settingsRow(`(1, NULL, '${ghost}')`),
    ],
    active: null,
    repairs: 1,
  },
  {
    name: 'activeDid UNIQUE',
    database: [
      ...settingsAs('(id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT UNIQUE)'),
      settingsRow(`(1, NULL, '${bob}'), (2, '${alice}', '${ghost}')`),
    ],
    active: bob,
  },
  {
    name: 'activeDid with a foreign key of its own',
    database: [
      `CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT UNIQUE)`,
      'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT REFERENCES accounts (did) ON DELETE CASCADE, theme TEXT)',
      ...twoAccounts,
      settingsRow(`(1, NULL, '${bob}'), (2, '${alice}', NULL)`),
    ],
    active: bob,
  },
  {
    name: 'activeDid first and last columns named in other letters',
    database: [
      'CREATE TABLE Accounts (DID TEXT, ID INTEGER PRIMARY KEY)',
      'CREATE TABLE Settings ([ActiveDID] VARCHAR(99), ACCOUNTDID, "ID" INTEGER PRIMARY KEY AUTOINCREMENT)',
      ...twoAccounts,
      settingsRow(`(1, NULL, '${bob}')`),
    ],
    active: bob,
  },
  {
    name: 'a blob where the DID should be',
    database: [...minimalTables, ...twoAccounts, settingsRow(`(1, NULL, x'00ff10')`)],
    active: null,
    repairs: 1,
  },
  {
    name: 'accounts.did COLLATE NOCASE',
    database: accountsAs('(id INTEGER PRIMARY KEY, did TEXT COLLATE NOCASE)'),
    active: alice,
  },
  {
    name: 'accounts.did COLLATE NOCASE, spelt in another case in settings',
    database: [
      ...accountsAs('(id INTEGER PRIMARY KEY, did TEXT COLLATE NOCASE)'),
      `UPDATE settings SET activeDid = upper(activeDid) WHERE id = 1`,
    ],
    active: alice,
  },
  { name: 'accounts.did UNIQUE', database: accountsAs('(id INTEGER PRIMARY KEY, did TEXT UNIQUE)'), active: alice },
  { name: 'accounts.did as the primary key', database: accountsAs('(did TEXT PRIMARY KEY, name TEXT)'), active: alice },
  {
    name: 'accounts WITHOUT ROWID',
    database: accountsAs('(did TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID'),
    active: alice,
  },
  {
    name: 'accounts with a DID that is NULL',
    database: [...accountsAs('(id INTEGER PRIMARY KEY, did TEXT)'), 'INSERT INTO accounts (did) VALUES (NULL), (NULL)'],
    active: alice,
  },
]

async function openState({ database }: LegacyState, engine: (typeof engines)[number]): Promise<TestDatabase> {
  const opened = await openDatabase(engine)
  await opened.runUnguarded(...('length' in database ? database : buildLegacyDatabase(database)))
  return opened
}

async function expectedActive(state: LegacyState, opened: TestDatabase): Promise<unknown> {
  if (typeof state.active !== 'number') return state.active
  return (await opened.list('SELECT did FROM accounts ORDER BY id')).at(state.active)
}

describe.each(engines)('A legacy database on %s', (engine) => {
  let opened: TestDatabase
  afterEach(() => opened.close())

  describe.each(states)('with $name', (state) => {
    test('goes forward, back to the letter, and forward again', async () => {
      opened = await openState(state, engine)
      const before = await opened.snapshot()
      const expected = await expectedActive(state, opened)

      const report = await opened.migrate(identity)

      expect(report.outcome).toBe(state.repairs ? 'repaired' : 'migrated')
      expect(report.adopted).toEqual(['identity-0001'])
      expect(report.held).toEqual(state.held ? ['identity-0005'] : [])
      expect(report.repairs).toHaveLength(state.repairs ?? 0)
      expect(await opened.rows('SELECT id, activeDid FROM active_identity')).toEqual([{ id: 1, activeDid: expected }])
      expect(await opened.rows('PRAGMA foreign_key_check(active_identity)')).toEqual([])
      const forward = await opened.snapshot()
      const second = await opened.migrate(identity)
      expect(second).toMatchObject({ outcome: 'current', applied: [], adopted: [], held: report.held })

      const back = await opened.rollback(identity)

      expect(back.reverted).toEqual(patches.slice(1, state.held ? 4 : 5).toReversed())
      expect(await opened.snapshot()).toEqual(before)

      await opened.migrate(identity)

      expect(await activeDid(opened)).toBe(expected)
      const again = await opened.snapshot()
      expect(again.schema).toEqual(forward.schema)
      expect(withoutTimes(again)).toEqual(withoutTimes(forward))
    })

    // What follows is the same SQL in the same order: one engine is enough.
    if (engine !== 'node') return

    test.each(patches.slice(1, state.held ? 4 : 5))(
      'is on going back the same as when it was held after %s',
      async (patch) => {
        opened = await openState(state, engine)
        const next = patches[patches.indexOf(patch) + 1]
        await opened.migrate(identity, next ? { hold: [next] } : {})
        const held = await opened.snapshot()
        const expected = await expectedActive(state, opened)
        await opened.migrate(identity)

        await opened.rollback(identity, patch)

        expect(withoutTimes(await opened.snapshot())).toEqual(withoutTimes(held))
        await opened.migrate(identity)
        expect(await activeDid(opened)).toBe(expected)
      },
    )

    test.each(state.withoutAccounts ? [] : patches.slice(0, 4))(
      'gives back what was chosen since, rolled back to %s',
      async (patch) => {
        opened = await openState(state, engine)
        await opened.migrate(identity)
        const chosen = await opened.value(
          'SELECT did FROM accounts WHERE did IS NOT (SELECT activeDid FROM active_identity) AND did IS NOT NULL ORDER BY did LIMIT 1',
        )
        await opened.run({
          text: "UPDATE active_identity SET activeDid = ?, lastUpdated = '2030-01-01T00:00:00.000Z'",
          params: [chosen],
        })

        await opened.rollback(identity, patch)

        // Without a master row there is nothing that the mirror could keep the same.
        const hasMaster = await opened.value("SELECT count(*) FROM settings WHERE id IN (1, '1')")
        expect(hasMaster === 0 ? await activeDid(opened) : await masterDid(opened)).toBe(chosen)
        if (patch !== 'identity-0004') expect(hasMaster).not.toBe(0)
        await opened.migrate(identity)
        expect(await activeDid(opened)).toBe(chosen)
      },
    )
  })
})

/** `active_identity.lastUpdated` says when it was written, which differs from run to run. */
function withoutTimes(snapshot: Awaited<ReturnType<TestDatabase['snapshot']>>) {
  const { active_identity: rows = [], ...others } = snapshot.tables
  const timeless = rows.map((row) => row.replace(/lastUpdated=text:[0-9A-F]*/, ''))
  return { ...snapshot, tables: { ...others, active_identity: timeless } }
}
