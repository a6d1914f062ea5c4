import { afterEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { orders, shop } from './shop.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const components = [
  shop([
    [orders],
    {
      statements: [
        "CREATE VIRTUAL TABLE shop_search USING fts5(item, content='shop_orders', content_rowid='id')",
        'CREATE TRIGGER shop_search_in AFTER INSERT ON shop_orders BEGIN INSERT INTO shop_search (rowid, item) VALUES (NEW.id, NEW.item); END',
        "INSERT INTO shop_orders (item) VALUES ('green tea'), ('pot')",
      ],
      revert: ['DROP TRIGGER shop_search_in', 'DROP TABLE shop_search'],
    },
  ]),
]
const left = () =>
  opened.list("SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB 'selfsame_*' ORDER BY 1")

// sql.js has no module of virtual tables that keeps its content in tables of its own.
describe('A full-text table that a patch made', () => {
  test('is found in', async () => {
    opened = await openDatabase()
    await opened.migrate(components)
    expect(await opened.list("SELECT rowid FROM shop_search WHERE shop_search MATCH 'tea'")).toEqual([1])
  })

  test('is recorded as one object, without the tables inside it', async () => {
    opened = await openDatabase()
    await opened.migrate(components)
    expect(await opened.value("SELECT objects FROM selfsame_ledger WHERE name = 'shop-0002'")).toBe(
      '["table shop_search","trigger shop_search_in"]',
    )
  })

  test('goes when its component is dropped, and comes back', async () => {
    opened = await openDatabase()
    await opened.migrate(components)
    await new Migrator(opened, components).drop('shop')
    expect(await left()).toEqual([])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated' })
  })

  test('goes even where an earlier version recorded the tables inside it', async () => {
    opened = await openDatabase()
    await opened.migrate(components)
    const objects = ['table shop_search', 'table shop_search_data', 'table shop_search_idx', 'trigger shop_search_in']
    await opened.run({
      text: "UPDATE selfsame_ledger SET objects = ? WHERE name = 'shop-0002'",
      params: [JSON.stringify(objects)],
    })
    await new Migrator(opened, components).drop('shop')
    expect(await left()).toEqual([])
  })

  test('goes when its patch is undone, and comes back', async () => {
    opened = await openDatabase()
    await opened.migrate(components)
    expect((await opened.rollback(components, 'shop-0001')).reverted).toEqual(['shop-0002'])
    expect(await left()).toEqual(['shop_orders'])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated', applied: ['shop-0002'] })
  })

  test('is found out beside a view that cannot be read', async () => {
    opened = await openDatabase()
    await opened.run('CREATE VIEW broken AS SELECT * FROM nowhere')
    await opened.migrate(components)
    await new Migrator(opened, components).drop('shop')
    expect(await left()).toEqual(['broken'])
  })
})
