import { afterEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { component, customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const items = 'CREATE VIEW items AS SELECT item FROM shop_orders'
const mine =
  'CREATE TRIGGER mine INSTEAD OF INSERT ON Items BEGIN INSERT INTO shop_orders (item) VALUES (upper(NEW.item)); END'
const text = (name: string) => opened.value('SELECT sql FROM sqlite_schema WHERE name = ?', name)
const migrator = (components: readonly ReturnType<typeof shop>[]) => new Migrator(opened, components)

describe.each(engines)('A newer app’s views and triggers on %s', (engine) => {
  const newer = shop([[orders], { statements: [customers], minReader: 'shop-0001' }], {
    repeatables: [
      'CREATE VIEW items AS SELECT upper(item) AS item FROM shop_orders',
      'CREATE VIEW more AS SELECT 1 AS one',
    ],
  })
  const older = shop([[orders]], { repeatables: [items, 'CREATE VIEW less AS SELECT 0 AS none'] })
  const other = component('other', [['CREATE TABLE other_t (x)']], {
    repeatables: ['CREATE VIEW xs AS SELECT x FROM other_t'],
  })

  test('stay as they are when an older app is let in', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([newer])
    expect(await opened.launch([older])).toMatchObject({ outcome: 'current' })
    expect(await text('items')).toContain('upper')
  })

  test('stay while the older app applies patches of another component', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([newer])
    expect(await opened.launch([older, other])).toMatchObject({ outcome: 'migrated', applied: ['other-0001'] })
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1")).toEqual([
      'items',
      'more',
      'xs',
    ])
    expect(await opened.launch([newer, other])).toMatchObject({ outcome: 'current' })
  })
})

describe.each(engines)('A view that a patch’s RENAME has rewritten on %s', (engine) => {
  test('is still its component’s, whose app makes it anew from its own text', async () => {
    opened = await openDatabase(engine)
    const first = shop([[orders]], { repeatables: [items] })
    await opened.migrate([first])
    const other = component('other', [
      { requires: ['shop-0001'], statements: ['ALTER TABLE shop_orders RENAME COLUMN item TO thing'] },
    ])
    await opened.migrate([other])
    expect(await text('items')).toContain('thing')
    const next = shop([[orders]], { repeatables: ['CREATE VIEW items AS SELECT thing AS item FROM shop_orders'] })
    expect(await opened.launch([next, other])).toMatchObject({ outcome: 'migrated' })
    expect(await opened.launch([next, other])).toMatchObject({ outcome: 'current' })
  })
})

describe.each(engines)('Somebody’s own trigger on a view of ours on %s', (engine) => {
  test.each([
    ['only the view’s text changes', shop([[orders]], { repeatables: [`${items} WHERE id > 0`] })],
    ['patches run', shop([[orders], [customers]], { repeatables: [items] })],
    [
      'a patch runs in pieces',
      shop(
        [
          [orders],
          [{ code: 'counts', next: async (_tx, cursor) => (cursor === '3' ? null : String(Number(cursor) + 1)) }],
        ],
        {
          repeatables: [items],
        },
      ),
    ],
  ])('is there again when %s', async (_when, next) => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items] })])
    await opened.run(mine)
    await opened.migrate([next])
    expect(await text('mine')).toBe(mine)
    await opened.run("INSERT INTO items VALUES ('tea')")
    expect(await opened.list('SELECT item FROM shop_orders')).toEqual(['TEA'])
  })

  test('of a component that this app does not name is there again and still that component’s', async () => {
    opened = await openDatabase(engine)
    const till = component('till', [{ requires: ['shop-0001'], statements: ['CREATE TABLE till (x)'] }], {
      repeatables: [mine],
    })
    const first = shop([[orders]], { repeatables: [items] })
    await opened.migrate([first, till])
    const next = shop([[orders], [customers]], { repeatables: [items] })
    await opened.migrate([next])
    expect(await text('mine')).toBe(mine)
    expect(await opened.launch([next, till])).toMatchObject({ outcome: 'current' })
  })

  test('stops a launch, a rollback and a drop that would take the view for good', async () => {
    opened = await openDatabase(engine)
    const components = [shop([[orders]], { repeatables: [items] })]
    await opened.migrate(components)
    await opened.run(mine)
    expect(await opened.launch([shop([[orders]])])).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'patch-failed',
        message: expect.stringContaining('mine'),
        details: { trigger: 'mine', view: 'Items' },
      },
    })
    await expect(migrator(components).drop('shop')).rejects.toMatchObject({
      code: 'patch-failed',
      details: { triggers: ['mine'] },
    })
    expect(await text('mine')).toBe(mine)
    expect(await text('items')).toBe(items)
  })
})

describe.each(engines)('Somebody’s own view under a name of ours on %s', (engine) => {
  const own = "CREATE VIEW items AS SELECT 'mine' AS item"
  const replace = async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items] })])
    await opened.run('DROP VIEW items', own)
  }

  test.each([
    ['nothing else is to be done', shop([[orders]], { repeatables: [items] })],
    ['the text has changed', shop([[orders]], { repeatables: [`${items} WHERE id > 0`] })],
    ['there are patches to apply', shop([[orders], [customers]], { repeatables: [items] })],
    ['the component has it no more', shop([[orders]])],
  ])('is not replaced and refuses the launch when %s', async (_when, next) => {
    await replace()
    expect(await opened.launch([next])).toMatchObject({
      outcome: 'refused',
      error: { code: 'foreign-schema', details: { component: 'shop', name: 'items' } },
    })
    expect(await text('items')).toBe(own)
  })

  test('stays when the component is dropped', async () => {
    await replace()
    await migrator([shop([[orders]], { repeatables: [items] })]).drop('shop')
    expect(await text('items')).toBe(own)
  })

  test('is no reason to refuse where it is a trigger, which may have a view’s name', async () => {
    opened = await openDatabase(engine)
    const first = shop([[orders]], { repeatables: [items] })
    await opened.migrate([first])
    const trigger = 'CREATE TRIGGER items AFTER INSERT ON shop_orders BEGIN SELECT 1; END'
    await opened.run(trigger)
    expect(await opened.launch([first])).toMatchObject({ outcome: 'current' })
    await opened.migrate([shop([[orders], [customers]], { repeatables: [items] })])
    expect(await opened.list("SELECT sql FROM sqlite_schema WHERE name = 'items' ORDER BY type")).toEqual([
      trigger,
      items,
    ])
  })

  test('is seen for what it is: ours in other letters and with comments is ours', async () => {
    opened = await openDatabase(engine)
    const components = [
      shop([[orders]], { repeatables: ['create view /* all */ items as\r\n  SELECT item FROM shop_orders -- so\n;'] }),
    ]
    await opened.migrate(components)
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current' })
  })
})
