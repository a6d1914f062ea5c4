import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { engines, type TestDatabase } from '../db/migration/test-database.ts'
import { activeDid, alice, bob, carol, ghost, identity, masterDid, openWith } from './legacy.ts'

const hold = { hold: ['identity-0005'] }
const schema = (id = 'id INTEGER PRIMARY KEY', active = 'activeDid TEXT', did = 'did TEXT') => [
  `CREATE TABLE accounts (id INTEGER PRIMARY KEY, ${did})`,
  `CREATE TABLE settings (${id}, accountDid TEXT, ${active}, firstName TEXT)`,
  `INSERT INTO accounts (did) VALUES ('${alice}'), ('${bob}')`,
]
const master = (did: string | null) =>
  `INSERT INTO settings (id, activeDid) VALUES (1, ${did === null ? 'NULL' : `'${did}'`})`

const variants = engines.flatMap((engine) => [
  { engine, recursive: 'OFF', id: 'id INTEGER PRIMARY KEY' },
  { engine, recursive: 'ON', id: 'id INTEGER PRIMARY KEY' },
  { engine, recursive: 'OFF', id: 'id TEXT PRIMARY KEY' },
  { engine, recursive: 'ON', id: 'id' },
])

describe.each(variants)(
  'While identity-0005 is held, on $engine, recursive_triggers $recursive, $id',
  ({ engine, recursive, id }) => {
    let opened: TestDatabase
    const open = async (...rows: string[]) => {
      opened = await openWith([...schema(id), ...rows], engine)
      await opened.run(`PRAGMA recursive_triggers = ${recursive}`)
      await opened.migrate(identity, hold)
    }
    const both = async () => [await activeDid(opened), await masterDid(opened)]
    beforeEach(() => open(master(alice)))
    afterEach(() => opened.close())

    test('a switch shows in settings', async () => {
      await opened.run(`UPDATE active_identity SET activeDid = '${bob}' WHERE id = 1`)
      expect(await both()).toEqual([bob, bob])
    })

    test('clearing shows in settings as NULL', async () => {
      await opened.run('UPDATE active_identity SET activeDid = NULL WHERE id = 1')
      expect(await both()).toEqual([null, null])
    })

    test('an upsert shows in settings', async () => {
      await opened.run(
        `INSERT INTO active_identity (id, activeDid) VALUES (1, '${bob}') ON CONFLICT (id) DO UPDATE SET activeDid = excluded.activeDid`,
      )
      expect(await both()).toEqual([bob, bob])
    })

    test('a DID written by an older app becomes the active one', async () => {
      const before = await opened.value('SELECT lastUpdated FROM active_identity')
      await opened.run("UPDATE active_identity SET lastUpdated = '2020-01-01T00:00:00.000Z'")
      await opened.run(`UPDATE settings SET activeDid = '${bob}', firstName = 'x' WHERE id = 1`)
      expect(await both()).toEqual([bob, bob])
      expect(String(await opened.value('SELECT lastUpdated FROM active_identity')) >= String(before)).toBe(true)
    })

    test.each([['NULL'], ["''"]])('%s written by an older app clears', async (none) => {
      await opened.run(`UPDATE settings SET activeDid = ${none} WHERE id = 1`)
      expect(await activeDid(opened)).toBeNull()
      expect((await masterDid(opened)) ?? '').toBe('')
    })

    test('an unknown DID waits in settings and leaves the active one', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${ghost}' WHERE id = 1`)
      expect(await both()).toEqual([alice, ghost])
    })

    test('an unknown DID becomes active with its account', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${carol}' WHERE id = 1`)
      await opened.run(`INSERT INTO accounts (did) VALUES ('${ghost}')`)
      expect(await both()).toEqual([alice, carol])
      await opened.run(`INSERT INTO accounts (did) VALUES ('${carol}')`)
      expect(await both()).toEqual([carol, carol])
    })

    test('a waiting DID is given up when another identity is chosen', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${carol}' WHERE id = 1`)
      await opened.run(`UPDATE active_identity SET activeDid = '${bob}' WHERE id = 1`)
      await opened.run(`INSERT INTO accounts (did) VALUES ('${carol}')`)
      expect(await both()).toEqual([bob, bob])
    })

    test('a new account that nobody chose changes nothing', async () => {
      await opened.run(`INSERT INTO accounts (did) VALUES ('${carol}')`)
      expect(await both()).toEqual([alice, alice])
    })

    test('rows of accounts are not the master row', async () => {
      await opened.run(`INSERT INTO settings (id, accountDid, activeDid) VALUES (2, '${bob}', '${bob}')`)
      await opened.run(
        `UPDATE settings SET activeDid = '${bob}' WHERE id = 2`,
        `UPDATE settings SET activeDid = '' WHERE id = 2`,
      )
      expect(await both()).toEqual([alice, alice])
      await opened.run(`UPDATE active_identity SET activeDid = '${bob}'`)
      expect(await opened.value('SELECT activeDid FROM settings WHERE id = 2')).toBe('')
    })

    test('writes to other settings leave the identity alone', async () => {
      const before = await opened.rows('SELECT * FROM active_identity')
      await opened.run("UPDATE settings SET firstName = 'Ada' WHERE id = 1")
      expect(await opened.rows('SELECT * FROM active_identity')).toEqual(before)
    })

    test('a master row replaced whole keeps what it says of the identity', async () => {
      await opened.run(`INSERT OR REPLACE INTO settings (id, activeDid, firstName) VALUES (1, '${bob}', 'Ada')`)
      expect(await both()).toEqual([bob, bob])
    })

    test('a master row replaced without a word on identity is told the active DID', async () => {
      await opened.run("INSERT OR REPLACE INTO settings (id, firstName) VALUES (1, 'Ada')")
      expect(await both()).toEqual([alice, alice])
    })

    test('a master row that is deleted and written again is told the active DID', async () => {
      await opened.run('DELETE FROM settings WHERE id = 1')
      await opened.run("INSERT INTO settings (id, firstName) VALUES (1, 'Ada')")
      expect(await both()).toEqual([alice, alice])
    })

    test("'' inserted with the master row clears", async () => {
      await opened.run('DELETE FROM settings WHERE id = 1', "INSERT INTO settings (id, activeDid) VALUES (1, '')")
      expect(await activeDid(opened)).toBeNull()
    })

    test('a row that becomes the master row speaks for the identity', async () => {
      await opened.run('DELETE FROM settings WHERE id = 1', `INSERT INTO settings (id, activeDid) VALUES (7, '${bob}')`)
      await opened.run('UPDATE settings SET id = 1 WHERE id = 7')
      expect(await both()).toEqual([bob, bob])
    })

    test('an account that gets another DID stays active, in both places', async () => {
      await opened.run(`UPDATE accounts SET did = '${carol}' WHERE did = '${alice}'`)
      expect(await both()).toEqual([carol, carol])
    })

    test('the drop goes on later with what was chosen meanwhile', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${bob}' WHERE id = 1`)
      const report = await opened.migrate(identity)
      expect(report).toMatchObject({ outcome: 'migrated', applied: ['identity-0005'], held: [] })
      expect(await activeDid(opened)).toBe(bob)
      expect(await opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'selfsame_mirror*'")).toEqual([])
    })

    test('a DID that waits comes back on rollback, and with its account', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${carol}' WHERE id = 1`)
      await opened.migrate(identity)
      await opened.rollback(identity, 'identity-0004')
      expect(await both()).toEqual([alice, carol])
      await opened.run(`INSERT INTO accounts (did) VALUES ('${carol}')`)
      expect(await both()).toEqual([carol, carol])
    })

    test('a rollback to the legacy schema keeps a DID that waits', async () => {
      await opened.run(`UPDATE settings SET activeDid = '${carol}' WHERE id = 1`)
      await opened.rollback(identity)
      expect(await masterDid(opened)).toBe(carol)
    })

    test('the mirror is there again after a rollback from the end', async () => {
      await opened.migrate(identity)
      await opened.rollback(identity, 'identity-0004')
      await opened.run(`UPDATE settings SET activeDid = '${bob}' WHERE id = 1`)
      expect(await both()).toEqual([bob, bob])
    })
  },
)

describe('The mirror', () => {
  let opened: TestDatabase
  afterEach(() => opened.close())

  test("writes '' where the old column takes no NULL", async () => {
    opened = await openWith([...schema(undefined, "activeDid TEXT NOT NULL DEFAULT ''"), master(alice)])
    await opened.migrate(identity, hold)
    await opened.run('UPDATE active_identity SET activeDid = NULL')
    expect([await activeDid(opened), await masterDid(opened)]).toEqual([null, ''])
  })

  test.each(["activeDid TEXT DEFAULT ''", "activeDid TEXT NOT NULL DEFAULT ''"])(
    'takes a first settings save for no wish to clear where the column is %s',
    async (active) => {
      opened = await openWith([...schema(undefined, active), master(alice)])
      await opened.migrate(identity, hold)
      await opened.run('DELETE FROM settings', "INSERT INTO settings (id, firstName) VALUES (1, 'Ada')")
      expect([await activeDid(opened), await masterDid(opened)]).toEqual([alice, alice])
    },
  )

  test('takes the spelling of the account where DIDs compare without case', async () => {
    opened = await openWith([...schema(undefined, undefined, 'did TEXT COLLATE NOCASE'), master(alice)])
    await opened.migrate(identity, hold)
    await opened.run(`UPDATE settings SET activeDid = '${bob.toUpperCase()}' WHERE id = 1`)
    expect([await activeDid(opened), await masterDid(opened)]).toEqual([bob, bob])
    await opened.run(`UPDATE settings SET activeDid = '${carol.toUpperCase()}' WHERE id = 1`)
    await opened.run(`INSERT INTO accounts (did) VALUES ('${carol}')`)
    expect([await activeDid(opened), await masterDid(opened)]).toEqual([carol, carol])
  })

  test('keeps two master rows the same', async () => {
    opened = await openWith([
      ...schema('id'),
      master(alice),
      `INSERT INTO settings (id, activeDid) VALUES ('1', '${bob}')`,
    ])
    await opened.migrate(identity, hold)
    expect(await opened.list('SELECT activeDid FROM settings')).toEqual([alice, alice])
    await opened.run(`UPDATE active_identity SET activeDid = '${bob}'`)
    expect(await opened.list('SELECT activeDid FROM settings')).toEqual([bob, bob])
  })

  test('is put back at launch when an older app has built settings anew', async () => {
    opened = await openWith([...schema(), master(alice)])
    await opened.migrate(identity, hold)
    await opened.runUnguarded(
      'PRAGMA legacy_alter_table = ON',
      'CREATE TABLE settings_new (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT, firstName TEXT, theme TEXT)',
      'INSERT INTO settings_new SELECT *, NULL FROM settings',
      'DROP TABLE settings',
      'ALTER TABLE settings_new RENAME TO settings',
      'PRAGMA legacy_alter_table = OFF',
    )
    const report = await opened.migrate(identity, hold)
    expect(report).toMatchObject({ outcome: 'repaired', applied: [], repairs: [{ kind: 'missing-mirror' }] })
    expect((await opened.migrate(identity, hold)).outcome).toBe('current')
    await opened.run(`UPDATE settings SET activeDid = '${bob}' WHERE id = 1`)
    expect(await activeDid(opened)).toBe(bob)
  })

  test('does not make the audit of a user see the migration or its rollback', async () => {
    opened = await openWith([
      ...schema(),
      master(ghost),
      'CREATE TABLE audit (event TEXT)',
      ...['INSERT', 'UPDATE', 'DELETE'].map(
        (event) =>
          `CREATE TRIGGER audit_${event} AFTER ${event} ON settings BEGIN INSERT INTO audit VALUES ('${event}'); END`,
      ),
    ])
    await opened.migrate(identity, hold)
    await opened.migrate(identity)
    await opened.rollback(identity)
    expect(await opened.list('SELECT event FROM audit')).toEqual([])
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")).toEqual([
      'audit_INSERT',
      'audit_UPDATE',
      'audit_DELETE',
    ])
  })
})
