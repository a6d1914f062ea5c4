import { afterEach, describe, expect, test } from 'vitest'
import { component, customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const items = 'CREATE VIEW items AS SELECT item FROM shop_orders'
const insert =
  'CREATE TRIGGER insert_item INSTEAD OF INSERT ON items BEGIN INSERT INTO shop_orders (item) VALUES (NEW.item); END'
const views = () => opened.list("SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name")
const recorded = () => opened.list('SELECT name FROM selfsame_repeatables ORDER BY name')

describe.each(engines)('Repeatables on %s', (engine) => {
  test('are created after the patches', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items, insert] })])
    await opened.run("INSERT INTO items VALUES ('a')")
    expect(await opened.list('SELECT item FROM items')).toEqual(['a'])
    expect(await recorded()).toEqual(['insert_item', 'items'])
  })

  test('are out of the way while patches run, and there again with the new text', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items] })])
    const seen: unknown[][] = []
    const looking = {
      code: 'looks',
      run: async (tx: { query: (s: { text: string }) => Promise<unknown[]> }) =>
        void seen.push(await tx.query({ text: "SELECT name FROM sqlite_schema WHERE type = 'view'" })),
    }
    const next = 'CREATE VIEW items AS SELECT upper(item) AS item FROM shop_orders'
    await opened.migrate([
      shop([[orders], [looking, "INSERT INTO shop_orders (item) VALUES ('a')"]], { repeatables: [next] }),
    ])
    expect(seen).toEqual([[]])
    expect(await opened.list('SELECT item FROM items')).toEqual(['A'])
  })

  test('are created anew alone when only their text changed', async () => {
    opened = await openDatabase(engine)
    const other = 'CREATE VIEW other AS SELECT 1 AS one'
    await opened.migrate([shop([[orders]], { repeatables: [items, other] })])
    const before = await opened.rows("SELECT * FROM selfsame_repeatables WHERE name = 'other'")
    const report = await opened.launch([shop([[orders]], { repeatables: [`${items} WHERE id > 0`, other] })])
    expect(report).toMatchObject({ outcome: 'migrated', applied: [] })
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'items'")).toContain('WHERE id > 0')
    expect(await opened.rows("SELECT * FROM selfsame_repeatables WHERE name = 'other'")).toEqual(before)
  })

  test('do not change for a comment or blanks', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items] })])
    expect(
      await opened.launch([shop([[orders]], { repeatables: [`-- better\n${items.replaceAll(' ', '  ')};`] })]),
    ).toMatchObject({ outcome: 'current' })
  })

  test('go when the component has them no more', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items, insert] })])
    expect(await opened.launch([shop([[orders]])])).toMatchObject({ outcome: 'migrated' })
    expect(await views()).toEqual([])
    expect(await recorded()).toEqual([])
  })

  test('of components that are not named stay', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items] })])
    await opened.migrate([component('base', [['CREATE TABLE base_t (x)']])])
    expect(await views()).toEqual(['items'])
  })

  test('keep a trigger on a view when only the view changed', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]], { repeatables: [items, insert] })])
    await opened.migrate([shop([[orders]], { repeatables: [`${items} WHERE id > 0`, insert] })])
    expect(await views()).toEqual(['insert_item', 'items'])
    await opened.migrate([shop([[orders], [customers]], { repeatables: [items, insert] })])
    expect(await views()).toEqual(['insert_item', 'items'])
  })

  test('are put back when somebody dropped them', async () => {
    opened = await openDatabase(engine)
    const components = [shop([[orders]], { repeatables: [items, insert] })]
    await opened.migrate(components)
    await opened.run('DROP VIEW items')
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated', applied: [] })
    expect(await views()).toEqual(['insert_item', 'items'])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current' })
  })

  test('that cannot be created undo the launch', async () => {
    opened = await openDatabase(engine)
    const report = await opened.launch([
      shop([[orders]], { repeatables: ['CREATE VIEW items AS SELECT price FROM shop_orders'] }),
    ])
    expect(report).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', details: { component: 'shop', name: 'items' } },
    })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('do not replace a view of the user with their name', async () => {
    opened = await openDatabase(engine)
    await opened.run('CREATE VIEW items AS SELECT 1 AS mine')
    expect(await opened.launch([shop([[orders]], { repeatables: [items] })])).toMatchObject({
      outcome: 'refused',
      error: { code: 'foreign-schema', details: { name: 'items' } },
    })
    expect(await opened.list('SELECT mine FROM items')).toEqual([1])
  })

  test('that need a held patch are left out with a warning, once, and come with it', async () => {
    opened = await openDatabase(engine)
    const names = 'CREATE VIEW names AS SELECT name FROM shop_customers'
    const stamp = "CREATE TRIGGER stamp AFTER INSERT ON shop_orders BEGIN UPDATE shop_customers SET name = 'x'; END"
    const components = [shop([[orders], [customers]], { repeatables: [items, names, stamp] })]
    const hold = { hold: ['shop-0002'] }
    expect(await opened.launch(components, hold)).toMatchObject({
      outcome: 'migrated',
      warnings: [expect.stringContaining('names'), expect.stringContaining('stamp')],
    })
    expect(await views()).toEqual(['items'])
    await opened.run("INSERT INTO shop_orders (item) VALUES ('works')")
    expect(await opened.launch(components, hold)).toMatchObject({
      outcome: 'current',
      held: ['shop-0002'],
      backup: null,
    })
    await opened.migrate(components)
    expect(await views()).toEqual(['items', 'names', 'stamp'])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current' })
  })

  test('of a patch that waits by itself are left out likewise', async () => {
    opened = await openDatabase(engine)
    const names = 'CREATE VIEW names AS SELECT name FROM shop_customers'
    let waits = true
    const components = [
      shop([[orders], { statements: [customers], waitsFor: async () => (waits ? ['not yet'] : []) }], {
        repeatables: [names],
      }),
    ]
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated', held: ['shop-0002'] })
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current', held: ['shop-0002'] })
    waits = false
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated', applied: ['shop-0002'] })
    expect(await views()).toEqual(['names'])
  })

  test('that a rollback takes the ground from are left out and come back with the patch', async () => {
    opened = await openDatabase(engine)
    const names = 'CREATE VIEW names AS SELECT name FROM shop_customers'
    const components = [
      shop([[orders], { statements: [customers], revert: ['DROP TABLE shop_customers'] }], {
        repeatables: [items, names],
      }),
    ]
    await opened.migrate(components)
    await opened.rollback(components, 'shop-0001')
    expect(await views()).toEqual(['items'])
    expect(await opened.launch(components, { hold: ['shop-0002'] })).toMatchObject({ outcome: 'current' })
    await opened.migrate(components)
    expect(await views()).toEqual(['items', 'names'])
  })
})
