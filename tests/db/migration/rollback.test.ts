import { afterEach, describe, expect, test } from 'vitest'
import type { Component } from '../../../src/db/migration/component.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { component, customers, orders, shop } from './shop.ts'
import { engines, openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const revertible = (revertLast: readonly string[] = ['DROP TABLE shop_t']) =>
  shop([
    [orders],
    { statements: [customers], revert: ['DROP TABLE shop_customers'] },
    { statements: ['CREATE TABLE shop_t (x)', "INSERT INTO shop_t VALUES ('a')"], revert: revertLast },
  ])
const ledger = () => opened.list('SELECT name FROM selfsame_ledger ORDER BY position')
/** The error of a rollback that has to change nothing. */
async function refusal(components: readonly Component[], to?: string): Promise<unknown> {
  const before = { content: await opened.snapshot(), ledger: await ledger(), foreignKeys: 1 }
  const error: unknown = await opened.rollback(components, to).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const after = {
    content: await opened.snapshot(),
    ledger: await ledger(),
    foreignKeys: await opened.value('PRAGMA foreign_keys'),
  }
  expect(after).toEqual(before)
  return error
}

describe.each(engines)('A rollback on %s', (engine) => {
  test('undoes patches, newest first, as far as they say how', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([revertible()])
    expect(await opened.rollback([revertible()])).toEqual({ reverted: ['shop-0003', 'shop-0002'], backup: null })
    expect(await ledger()).toEqual(['shop-0001'])
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'shop*'")).toEqual(['shop_orders'])
  })

  test('goes back to a patch, which stays', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([revertible()])
    expect((await opened.rollback([revertible()], 'shop-0002')).reverted).toEqual(['shop-0003'])
    expect(await ledger()).toEqual(['shop-0001', 'shop-0002'])
    expect(await opened.migrate([revertible()])).toMatchObject({ applied: ['shop-0003'] })
  })

  test('to where the database is does nothing', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([revertible()])
    expect(await opened.rollback([revertible()], 'shop-0003')).toEqual({ reverted: [], backup: null })
  })

  test('of a database without a history does nothing', async () => {
    opened = await openDatabase(engine)
    expect(await opened.rollback([revertible()])).toEqual({ reverted: [], backup: null })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('undoes components that need each other in the right order', async () => {
    opened = await openDatabase(engine)
    const base = component('base', [{ statements: ['CREATE TABLE base_t (x)'], revert: ['DROP TABLE base_t'] }])
    const dependent = shop([
      {
        statements: ['CREATE VIEW shop_v AS SELECT x FROM base_t'],
        requires: ['base-0001'],
        revert: ['DROP VIEW shop_v'],
      },
    ])
    await opened.migrate([dependent, base])
    expect((await opened.rollback([dependent, base])).reverted).toEqual(['shop-0001', 'base-0001'])
    expect(
      await opened.list("SELECT name FROM sqlite_schema WHERE name NOT GLOB 'selfsame*' AND name NOT GLOB 'sqlite*'"),
    ).toEqual([])
  })

  test('without a goal leaves what a patch that stays requires, and says so', async () => {
    opened = await openDatabase(engine)
    const base = component('base', [
      { statements: ['CREATE TABLE base_t (x)'], revert: ['DROP TABLE base_t'] },
      { statements: ['CREATE TABLE base_u (x)'], revert: ['DROP TABLE base_u'] },
    ])
    const lasting = component('lasting', [{ statements: ['CREATE TABLE lasting (x)'], requires: ['base-0001'] }])
    const between = component('between', [
      { statements: ['CREATE TABLE between_t (x)'], requires: ['lasting-0001'], revert: ['DROP TABLE between_t'] },
    ])
    const components = [base, lasting, between]
    await opened.migrate(components)
    expect(await opened.rollback(components)).toEqual({
      reverted: ['between-0001', 'base-0002'],
      backup: null,
      warnings: ['base-0001 stays: it is required by lasting-0001, which says no way to undo it.'],
    })
    expect(await ledger()).toEqual(['base-0001', 'lasting-0001'])
    expect(await opened.migrate(components)).toMatchObject({ applied: ['base-0002', 'between-0001'] })
  })

  test('without a goal leaves what a component that is not named requires', async () => {
    opened = await openDatabase(engine)
    const dependent = component('base', [{ statements: ['CREATE TABLE base_t (x)'], requires: ['shop-0003'] }])
    await opened.migrate([revertible(), dependent])
    expect(await opened.rollback([revertible()])).toEqual({
      reverted: [],
      backup: null,
      warnings: ['shop-0003 stays: it is required by base-0001.'],
    })
    expect(await ledger()).toHaveLength(4)
  })

  test('takes the views and triggers of all named components out of the way and puts them back', async () => {
    opened = await openDatabase(engine)
    const anew = (columns: string, kept: string) => [
      `CREATE TABLE anew (id INTEGER PRIMARY KEY, ${columns})`,
      `INSERT INTO anew (id, ${kept}) SELECT id, ${kept} FROM shop_orders`,
      'DROP TABLE shop_orders',
      'ALTER TABLE anew RENAME TO shop_orders',
    ]
    const rebuilt = shop([
      [orders],
      { statements: anew('item TEXT NOT NULL, price', 'item'), revert: anew('item TEXT NOT NULL', 'item') },
    ])
    const trigger = 'CREATE TRIGGER logs AFTER INSERT ON shop_orders BEGIN INSERT INTO log VALUES (NEW.item); END'
    const log = component('log', [['CREATE TABLE log (x)']], {
      repeatables: [trigger, 'CREATE VIEW items AS SELECT item FROM shop_orders'],
    })
    await opened.migrate([rebuilt, log])
    expect(await opened.rollback([rebuilt, log], 'shop-0001')).toEqual({ reverted: ['shop-0002'], backup: null })
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'logs'")).toBe(trigger)
    await opened.run("INSERT INTO shop_orders (item) VALUES ('tea')")
    expect(await opened.list('SELECT x FROM log')).toEqual(['tea'])
    expect(await opened.list('SELECT item FROM items')).toEqual(['tea'])
    expect(await opened.launch([rebuilt, log], { hold: ['shop-0002'] })).toMatchObject({ outcome: 'current' })
  })

  test('leaves components alone that are not asked for', async () => {
    opened = await openDatabase(engine)
    const base = component('base', [{ statements: ['CREATE TABLE base_t (x)'], revert: ['DROP TABLE base_t'] }])
    await opened.migrate([revertible(), base])
    expect((await opened.rollback([revertible(), base], 'shop-0001')).reverted).toEqual(['shop-0003', 'shop-0002'])
    expect(await ledger()).toContain('base-0001')
  })

  test('undoes everything when the last statement of many fails', async () => {
    opened = await openDatabase(engine)
    const components = [
      shop([
        [orders],
        { statements: [customers], revert: ['DROP TABLE shop_customers', 'DROP TABLE nowhere'] },
        { statements: ['CREATE TABLE shop_t (x)'], revert: ['DROP TABLE shop_t'] },
      ]),
    ]
    await opened.migrate(components)
    expect(await refusal(components)).toMatchObject({ code: 'patch-failed', details: { patch: 'shop-0002', step: 2 } })
  })
})

describe('A rollback is refused', () => {
  test('past a patch that says no way back', async () => {
    opened = await openDatabase()
    const components = [
      shop([[orders], [customers], { statements: ['CREATE TABLE shop_t (x)'], revert: ['DROP TABLE shop_t'] }]),
    ]
    await opened.migrate(components)
    expect(await refusal(components, 'shop-0001')).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('shop-0002'),
    })
  })

  test.each(['shop-0009', 'other-0001'])('to %s, which is not applied', async (to) => {
    opened = await openDatabase()
    await opened.migrate([revertible()])
    expect(await refusal([revertible()], to)).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(to),
    })
  })

  test('of a patch that another component, known or not, still requires', async () => {
    opened = await openDatabase()
    const dependent = component('base', [{ statements: ['CREATE TABLE base_t (x)'], requires: ['shop-0003'] }])
    await opened.migrate([revertible(), dependent])
    const error = {
      code: 'missing-requirement',
      details: { missing: ['shop-0003'], requiredBy: [{ patch: 'base-0001' }] },
    }
    expect(await refusal([revertible(), dependent], 'shop-0002')).toMatchObject(error)
    expect(await refusal([revertible()], 'shop-0002')).toMatchObject(error)
  })

  test('of a database that a newer app has migrated', async () => {
    opened = await openDatabase()
    await opened.migrate([shop([[orders], [customers], ['CREATE TABLE shop_t (x)'], ['CREATE TABLE shop_u (x)']])])
    expect(
      await refusal([shop([[orders], { statements: [customers], revert: ['DROP TABLE shop_customers'] }])]),
    ).toMatchObject({ code: 'schema-too-new' })
  })

  test('under a newer patch, even one that lets this app read and write', async () => {
    opened = await openDatabase()
    const older = [[orders], { statements: [customers], revert: ['DROP TABLE shop_customers'] }] as const
    await opened.migrate([shop([...older, { statements: ['CREATE VIEW shop_v AS SELECT 1'], minReader: 'shop-0001' }])])
    expect((await opened.launch([shop(older)])).outcome).toBe('current')
    expect(await refusal([shop(older)])).toMatchObject({ code: 'schema-too-new', details: { patches: ['shop-0003'] } })
  })

  test('where an applied patch was changed', async () => {
    opened = await openDatabase()
    await opened.migrate([revertible()])
    expect(
      await refusal([
        shop([
          [orders],
          { statements: ['CREATE TABLE shop_customers (id)'], revert: ['DROP TABLE shop_customers'] },
          { statements: ['CREATE TABLE shop_t (x)', "INSERT INTO shop_t VALUES ('a')"], revert: ['DROP TABLE shop_t'] },
        ]),
      ]),
    ).toMatchObject({ code: 'schema-drift' })
  })

  test('where it would leave rows without a parent', async () => {
    opened = await openDatabase()
    const components = [
      shop([
        {
          statements: ['CREATE TABLE p (id INTEGER PRIMARY KEY)', 'INSERT INTO p VALUES (1)'],
          revert: ['DELETE FROM p'],
        },
      ]),
    ]
    await opened.migrate(components)
    await opened.run('CREATE TABLE mine (p REFERENCES p (id))', 'INSERT INTO mine VALUES (1)')
    expect(await refusal(components)).toMatchObject({
      code: 'foreign-key-violation',
      details: { rows: [{ table: 'mine', parent: 'p' }] },
    })
  })

  test('where it would break a view of the user', async () => {
    opened = await openDatabase()
    await opened.migrate([revertible()])
    await opened.run('CREATE VIEW mine AS SELECT x FROM shop_t')
    expect(await refusal([revertible()], 'shop-0002')).toMatchObject({
      code: 'patch-failed',
      details: { objects: ['the view mine'] },
    })
  })
})

test('What is chosen between, a rollback of one component keeps in the others', async () => {
  opened = await openDatabase()
  const components = [
    identityComponent(),
    shop([{ statements: [orders], requires: ['identity-0001'], revert: ['DROP TABLE shop_orders'] }]),
  ]
  await opened.migrate(components)
  await opened.run(
    "INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2026', 'did:x:1', 'k')",
    "UPDATE active_identity SET activeDid = 'did:x:1'",
  )
  await opened.rollback(components, 'identity-0004')
  expect(await opened.value('SELECT count(*) FROM shop_orders')).toBe(0)
  expect(await opened.value('SELECT activeDid FROM active_identity')).toBe('did:x:1')
})
