import { afterEach, describe, expect, test } from 'vitest'
import type { ChunkedStep } from '../../../../src/db/migration/component.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { identityComponent } from '../../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../../src/testing/legacy/index.ts'
import { component, customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const parent = 'CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT)'
const unique = 'CREATE UNIQUE INDEX parents_code ON parents (code)'
const child = 'CREATE TABLE children (code TEXT REFERENCES parents (code))'
const tables = () => opened.list("SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' ORDER BY 1")
const keyOf = (table: string, columns: string) => `the foreign key of ${table} (${columns})`

async function expectRefused(statements: readonly string[], object: string): Promise<void> {
  const before = await tables()
  const report = await opened.launch([shop([[...statements]])], { backup: false })
  expect(report).toMatchObject({
    outcome: 'failed',
    error: { code: 'patch-failed', message: expect.stringContaining(object), details: { objects: [object] } },
  })
  expect(await tables()).toEqual(before)
}

describe.each(engines)('What an empty child table refers to stays, on %s:', (engine) => {
  const open = async (...statements: string[]) => {
    opened = await openDatabase(engine)
    await opened.run(...statements)
  }

  test('a parent table', async () => {
    await open(parent, unique, child)
    await expectRefused(['DROP TABLE parents'], keyOf('children', 'code'))
  })

  test('the unique index of the parent’s columns', async () => {
    await open(parent, unique, child)
    await expectRefused(['DROP INDEX parents_code'], keyOf('children', 'code'))
  })

  test('a unique index that is one for every row', async () => {
    await open(parent, unique, child)
    const partial = 'CREATE UNIQUE INDEX parents_code ON parents (code) WHERE id > 0'
    await expectRefused(['DROP INDEX parents_code', partial], keyOf('children', 'code'))
  })

  test('a unique index with the column’s own collation, which SQLite asks for', async () => {
    await open(parent, unique, child)
    const other = 'CREATE UNIQUE INDEX parents_code ON parents (code COLLATE NOCASE)'
    await expectRefused(['DROP INDEX parents_code', other], 'a foreign key of children')
  })

  test('the primary key that a key without columns means', async () => {
    await open(
      'CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID',
      'CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES pairs)',
    )
    await expectRefused(['DROP TABLE pairs', 'CREATE TABLE pairs (a PRIMARY KEY, b) WITHOUT ROWID'], keyOf('c', 'a, b'))
  })

  test('a parent that was renamed away before the new one had its name', async () => {
    await open(parent, unique, child)
    const copied = 'INSERT INTO parents SELECT * FROM old_parents'
    const away = ['ALTER TABLE parents RENAME TO old_parents', parent, copied, 'DROP TABLE old_parents', unique]
    await expectRefused(away, keyOf('children', 'code'))
  })

  test('but a parent may go with its children, or be built anew with its index', async () => {
    await open(parent, unique, child)
    const anew = ['DROP TABLE parents', parent, unique]
    expect(await opened.launch([shop([anew])])).toMatchObject({ outcome: 'migrated' })
    expect(await opened.launch([shop([anew, ['DROP TABLE parents', 'DROP TABLE children']])])).toMatchObject({
      outcome: 'migrated',
    })
  })

  test('and a table without rows may still lose what nothing refers to', async () => {
    await open(parent, unique, child, 'CREATE UNIQUE INDEX parents_both ON parents (code, id)')
    expect(await opened.launch([shop([['DROP INDEX parents_both']])])).toMatchObject({ outcome: 'migrated' })
  })

  test('what was broken before is nobody’s fault, and what else breaks beside it is', async () => {
    await open(parent, unique, 'CREATE TABLE children (code TEXT REFERENCES parents (code), x REFERENCES gone (x))')
    expect(await opened.launch([component('other', [[orders]])])).toMatchObject({ outcome: 'migrated' })
    await expectRefused(['DROP TABLE parents'], keyOf('children', 'code'))
  })

  test('before a piece of a later patch is committed too', async () => {
    await open(parent, unique, child)
    const pieces: ChunkedStep = { code: 'one piece', next: async () => null }
    expect(await opened.launch([shop([['DROP TABLE parents'], [pieces]])])).toMatchObject({
      outcome: 'failed',
      applied: [],
      error: { code: 'patch-failed', message: expect.stringContaining('children') },
    })
    expect(await tables()).toEqual(['children', 'parents', 'parents_code'])
  })

  test('when its component is dropped', async () => {
    opened = await openDatabase(engine)
    const components = [shop([[customers]])]
    await opened.migrate(components)
    await opened.run('CREATE TABLE mine (customer REFERENCES shop_customers (id))')
    await expect(new Migrator(opened, components).drop('shop')).rejects.toMatchObject({
      code: 'patch-failed',
      details: { objects: [keyOf('mine', 'customer')] },
    })
    await opened.run('DROP TABLE mine')
    expect((await new Migrator(opened, components).drop('shop')).dropped).toEqual(['shop-0001'])
  })
})

describe.each(engines)('The rollback of the unique accounts.did on %s', (engine) => {
  const identity = [identityComponent()]
  const open = async (...statements: string[]) => {
    opened = await openDatabase(engine)
    await opened.runUnguarded(...buildLegacyDatabase({ accounts: 2 }), ...statements)
    await opened.migrate(identity)
  }
  const friends = 'CREATE TABLE friends (did TEXT REFERENCES accounts (did))'

  test('goes through where nothing refers to it', async () => {
    await open()
    expect((await opened.rollback(identity, 'identity-0001')).reverted).toContain('identity-0002')
  })

  test('goes through where what refers to it did not work before either', async () => {
    await open(friends)
    expect((await opened.rollback(identity, 'identity-0001')).reverted).toContain('identity-0002')
    await opened.migrate(identity)
    expect((await opened.rollback(identity, 'identity-0001')).reverted).toContain('identity-0002')
  })

  test('is refused where a table that came since refers to it', async () => {
    await open()
    await opened.run(friends)
    await expect(opened.rollback(identity, 'identity-0001')).rejects.toMatchObject({
      code: 'patch-failed',
      details: { objects: [keyOf('friends', 'did')] },
    })
    expect(await opened.value('SELECT count(*) FROM selfsame_ledger')).toBe(5)
  })
})
