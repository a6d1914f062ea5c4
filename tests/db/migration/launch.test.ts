import { afterEach, describe, expect, test } from 'vitest'
import type { Component } from '../../../src/db/migration/component.ts'
import { component, customers, orders, shop } from './shop.ts'
import { engines, openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe.each(engines)('A launch on %s', (engine) => {
  test('applies the patches of several components in order, once', async () => {
    opened = await openDatabase(engine)
    const base = component('base', [['CREATE TABLE base_t (x)'], ["INSERT INTO base_t VALUES ('a')"]])
    const components = [shop([{ statements: [orders], requires: ['base-0002'] }]), base]
    expect(await opened.launch(components)).toMatchObject({
      outcome: 'migrated',
      applied: ['base-0001', 'base-0002', 'shop-0001'],
      adopted: [],
      held: [],
      repairs: [],
      warnings: [],
      backup: null,
    })
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current', applied: [] })
    expect(await opened.list('SELECT x FROM base_t')).toEqual(['a'])
  })

  test('records what it applied, by whom, and what appeared', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(
      [
        shop([
          {
            statements: [orders, 'CREATE INDEX by_item ON shop_orders (item)'],
            minReader: 'shop-0001',
            conflicts: ['x-0001'],
          },
          { statements: [customers], requires: ['shop-0001'] },
        ]),
      ],
      { appVersion: '4.2.0' },
    )
    const ledger = await opened.rows('SELECT * FROM selfsame_ledger ORDER BY position')
    expect(ledger).toMatchObject([
      {
        component: 'shop',
        sequence: 1,
        name: 'shop-0001',
        requires: '[]',
        conflicts: '["x-0001"]',
        min_reader: 'shop-0001',
        outcome: 'applied',
        source:
          'CREATE TABLE shop_orders(id INTEGER PRIMARY KEY, item TEXT NOT NULL)\nCREATE INDEX by_item ON shop_orders(item)',
        objects: '["table shop_orders","index by_item"]',
        applied_at: expect.stringMatching(isoTime),
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      {
        sequence: 2,
        name: 'shop-0002',
        requires: '["shop-0001"]',
        min_reader: null,
        objects: '["table shop_customers"]',
      },
    ])
    const by = JSON.parse(String(ledger[0]!.applied_by))
    expect(by).toMatchObject({ app: '4.2.0', engine, sqlite: await opened.value('SELECT sqlite_version()') })
  })

  test('with no component at all changes nothing', async () => {
    opened = await openDatabase(engine)
    await opened.launch([])
    expect((await opened.launch([])).outcome).toBe('current')
  })

  test('leaves schema, rows, ledger and foreign keys as they were when the last of many statements fails', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([
      shop([[orders, "INSERT INTO shop_orders VALUES (1, 'a')"]], {
        repeatables: ['CREATE VIEW items AS SELECT item FROM shop_orders'],
      }),
    ])
    const before = await opened.snapshot()
    const ledger = await opened.rows('SELECT * FROM selfsame_ledger')
    const next = [
      shop(
        [
          [orders, "INSERT INTO shop_orders VALUES (1, 'a')"],
          [customers, "UPDATE shop_orders SET item = 'b'"],
          [
            'ALTER TABLE shop_orders ADD COLUMN price',
            'DROP TABLE shop_customers',
            "INSERT INTO nowhere VALUES ('secret of mine')",
          ],
        ],
        { repeatables: ['CREATE VIEW items AS SELECT item AS thing FROM shop_orders'] },
      ),
    ]
    const report = await opened.launch(next)
    expect(report).toMatchObject({
      outcome: 'failed',
      applied: [],
      repairs: [],
      error: {
        code: 'patch-failed',
        details: { patch: 'shop-0003', step: 3, statement: 'INSERT INTO nowhere VALUES(?)' },
        sqlite: { primary: 'SQLITE_ERROR' },
      },
    })
    expect(JSON.stringify(report.error)).not.toContain('secret')
    expect(await opened.snapshot()).toEqual(before)
    expect(await opened.rows('SELECT * FROM selfsame_ledger')).toEqual(ledger)
    expect(await opened.value('PRAGMA foreign_keys')).toBe(1)
    await opened.run('CREATE TABLE still_usable (x)')
  })

  test.each([
    [
      'a constraint',
      ["INSERT INTO shop_orders VALUES (1, 'a')", "INSERT INTO shop_orders VALUES (1, 'b')"],
      'SQLITE_CONSTRAINT',
    ],
    [
      'a conflict clause that rolls back by itself',
      ["INSERT INTO shop_orders VALUES (1, 'a')", "INSERT OR ROLLBACK INTO shop_orders VALUES (1, 'b')"],
      'SQLITE_CONSTRAINT',
    ],
    ['a syntax error', ['CREATE TABEL x (y)'], 'SQLITE_ERROR'],
  ])('undoes everything after %s', async (_, statements, primary) => {
    opened = await openDatabase(engine)
    expect(await opened.launch([shop([[orders, ...statements]])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', sqlite: { primary } },
    })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
    expect(await opened.value('PRAGMA foreign_keys')).toBe(1)
    expect(await opened.launch([shop([[orders]])])).toMatchObject({ outcome: 'migrated' })
  })

  test('deletes no child when a parent table is dropped and made anew', async () => {
    opened = await openDatabase(engine)
    const make = [
      'CREATE TABLE p (id INTEGER PRIMARY KEY, x)',
      'CREATE TABLE c (p REFERENCES p (id) ON DELETE CASCADE)',
      'INSERT INTO p VALUES (1, 2)',
      'INSERT INTO c VALUES (1)',
    ]
    const rebuild = [
      'CREATE TABLE q (id INTEGER PRIMARY KEY, x TEXT)',
      'INSERT INTO q SELECT * FROM p',
      'DROP TABLE p',
      'ALTER TABLE q RENAME TO p',
    ]
    await opened.migrate([shop([make, rebuild])])
    expect(await opened.list('SELECT p FROM c')).toEqual([1])
  })

  test('refuses new orphans, and names their table and row', async () => {
    opened = await openDatabase(engine)
    const make = [
      'CREATE TABLE p (id INTEGER PRIMARY KEY)',
      'CREATE TABLE c (p REFERENCES p (id))',
      'INSERT INTO p VALUES (1)',
      'INSERT INTO c VALUES (1)',
    ]
    await opened.migrate([shop([make])])
    const report = await opened.launch([shop([make, ['DELETE FROM p']])])
    expect(report).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'foreign-key-violation',
        details: { patch: 'shop-0002', rows: [{ table: 'c', rowid: 1, parent: 'p' }] },
      },
    })
    expect(await opened.list('SELECT id FROM p')).toEqual([1])
  })

  test('takes orphans that were there before, and one that is put right', async () => {
    opened = await openDatabase(engine)
    await opened.runUnguarded(
      'CREATE TABLE p (id INTEGER PRIMARY KEY)',
      'CREATE TABLE c (p REFERENCES p (id))',
      'INSERT INTO c VALUES (1), (2)',
    )
    expect(await opened.launch([shop([[orders], ['INSERT INTO p VALUES (2)']])])).toMatchObject({ outcome: 'migrated' })
    expect(await opened.rows('PRAGMA foreign_key_check')).toHaveLength(1)
  })

  test('refuses a patch that breaks a view of the user, and names it', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]])])
    await opened.run(
      'CREATE VIEW mine AS SELECT item FROM shop_orders',
      'CREATE VIEW broken_before AS SELECT missing FROM shop_orders',
    )
    const report = await opened.launch([shop([[orders], ['DROP TABLE shop_orders', 'CREATE TABLE shop_orders (id)']])])
    expect(report).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', details: { objects: ['the view mine'] } },
    })
    expect(await opened.rows('SELECT * FROM mine')).toEqual([])
  })

  test('refuses a patch that breaks a trigger of the user, and names its table', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders], [customers]])])
    await opened.run(
      'CREATE TRIGGER mine AFTER INSERT ON shop_customers BEGIN UPDATE shop_orders SET item = NEW.name; END',
    )
    const report = await opened.launch([shop([[orders], [customers], ['DROP TABLE shop_orders']])])
    expect(report).toMatchObject({
      error: { code: 'patch-failed', details: { objects: ['a trigger on shop_customers'] } },
    })
    await opened.run("INSERT INTO shop_customers (name) VALUES ('x')")
  })

  test('runs a code step in the same transaction, rebuilds and without triggers included', async () => {
    opened = await openDatabase(engine)
    await opened.run(
      'CREATE TABLE t (a, b)',
      'CREATE TABLE log (x)',
      'CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (1); END',
      'INSERT INTO t VALUES (1, 2)',
    )
    const step = {
      code: 'x',
      run: async (
        tx: Parameters<Extract<Component['patches'][number]['statements'][number], { run: unknown }>['run']>[0],
      ) => {
        await tx.rebuildTable({ table: 't', sql: 'CREATE TABLE t (b TEXT, a)' })
        await tx.withoutTriggers('t', async () => void (await tx.execute({ text: 'UPDATE t SET a = 9' })))
        await tx.repair({ kind: 'odd', table: 't', column: 'a', value: '1', row: '1' })
        tx.warn('look')
      },
    }
    expect(await opened.launch([shop([[step]])])).toMatchObject({
      outcome: 'repaired',
      repairs: [{ kind: 'odd', table: 't', column: 'a', value: '1' }],
      warnings: ['look'],
    })
    expect(await opened.rows('SELECT * FROM t')).toEqual([{ b: '2', a: 9 }])
    expect(await opened.list('SELECT x FROM log')).toEqual([])
  })

  test('undoes a code step that throws, whatever it throws', async () => {
    for (const thrown of [new Error('boom did:ethr:0x1234567890abcdef'), 'text', undefined]) {
      opened = await openDatabase(engine)
      const step = {
        code: 'x',
        run: async (tx: { execute(statement: { text: string }): Promise<unknown> }) => {
          await tx.execute({ text: 'CREATE TABLE gone (x)' })
          throw thrown
        },
      }
      const report = await opened.launch([shop([[step]])])
      expect(report).toMatchObject({
        outcome: 'failed',
        error: { code: 'patch-failed', details: { patch: 'shop-0001' } },
      })
      expect(report.error?.message).not.toContain('0x1234567890abcdef')
      expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
      await opened.close()
    }
    opened = await openDatabase(engine)
  })

  test('adopts what a database without a ledger has, and runs the rest', async () => {
    opened = await openDatabase(engine)
    await opened.run(orders, "INSERT INTO shop_orders VALUES (7, 'kept')")
    const present = (name: string) => `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '${name}')`
    const components = [
      shop([
        { statements: [orders], present: present('shop_orders') },
        { statements: [customers], present: present('shop_customers') },
        { statements: ['CREATE TABLE c (x)'], present: 'SELECT 1' },
      ]),
    ]
    expect(await opened.launch(components)).toMatchObject({
      outcome: 'migrated',
      adopted: ['shop-0001'],
      applied: ['shop-0002', 'shop-0003'],
    })
    expect(await opened.rows('SELECT name, outcome FROM selfsame_ledger ORDER BY position')).toEqual([
      { name: 'shop-0001', outcome: 'adopted' },
      { name: 'shop-0002', outcome: 'applied' },
      { name: 'shop-0003', outcome: 'applied' },
    ])
    expect(await opened.list('SELECT item FROM shop_orders')).toEqual(['kept'])
  })

  test('that only adopts has migrated', async () => {
    opened = await openDatabase(engine)
    await opened.run(orders)
    expect(await opened.launch([shop([{ statements: [orders], present: 'SELECT 1' }])])).toMatchObject({
      outcome: 'migrated',
      adopted: ['shop-0001'],
      applied: [],
    })
  })

  test('adopts nothing into a component that has a history', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]])])
    const report = await opened.launch([shop([[orders], { statements: [customers], present: 'SELECT 1' }])])
    expect(report).toMatchObject({ adopted: [], applied: ['shop-0002'] })
  })

  test('creates a baseline in one step, once, and only where there is nothing', async () => {
    const baseline = {
      through: 'shop-0002',
      statements: [orders, customers, "INSERT INTO shop_customers VALUES (1, 'base')"],
    }
    const patches = [[orders], [customers, "INSERT INTO shop_customers VALUES (1, 'replay')"], ['CREATE TABLE c (x)']]
    opened = await openDatabase(engine)
    expect(await opened.launch([shop(patches, { baseline })])).toMatchObject({
      applied: ['shop-0001', 'shop-0002', 'shop-0003'],
    })
    expect(await opened.list('SELECT name FROM shop_customers')).toEqual(['base'])
    expect(await opened.list('SELECT outcome FROM selfsame_ledger ORDER BY position')).toEqual([
      'baseline',
      'baseline',
      'applied',
    ])
    await opened.close()
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE something (x)')
    await opened.migrate([shop(patches, { baseline })])
    expect(await opened.list('SELECT name FROM shop_customers')).toEqual(['replay'])
  })

  test('does not use the baseline when one of its patches is held', async () => {
    opened = await openDatabase(engine)
    const baseline = { through: 'shop-0002', statements: [orders, customers] }
    expect(await opened.launch([shop([[orders], [customers]], { baseline })], { hold: ['shop-0002'] })).toMatchObject({
      applied: ['shop-0001'],
      held: ['shop-0002'],
    })
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'shop*'")).toEqual(['shop_orders'])
  })

  test('takes no patch while its checks before do not hold', async () => {
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)')
    const check = { name: 't is empty', rows: 'SELECT x FROM t' }
    const components = [shop([{ statements: [orders], before: [check] }])]
    expect(await opened.launch(components)).toMatchObject({
      error: { code: 'patch-failed', details: { check: 't is empty', rows: [{ x: 1 }] } },
    })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual(['t'])
    await opened.run('DELETE FROM t')
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated' })
  })

  test('keeps no patch whose checks after do not hold', async () => {
    opened = await openDatabase(engine)
    const check = {
      name: 'no item is empty',
      message: 'There are empty items.',
      rows: "SELECT id FROM shop_orders WHERE item = ''",
    }
    const report = await opened.launch([
      shop([{ statements: [orders, "INSERT INTO shop_orders VALUES (4, '')"], after: [check] }]),
    ])
    expect(report).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'patch-failed',
        message: expect.stringContaining('There are empty items.'),
        details: { rows: [{ id: 4 }] },
      },
    })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('asks a check of the second patch about what the first one made', async () => {
    opened = await openDatabase(engine)
    const check = { name: 'no orders', rows: 'SELECT id FROM shop_orders' }
    expect(await opened.launch([shop([[orders], { statements: [customers], before: [check] }])])).toMatchObject({
      outcome: 'migrated',
    })
  })
})
