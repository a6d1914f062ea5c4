import { afterEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { component, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const text = (name: string) => opened.value('SELECT sql FROM sqlite_schema WHERE name = ?', name)
const migrator = (...components: ReturnType<typeof shop>[]) => new Migrator(opened, components)
const renamed = ['ALTER TABLE shop_orders RENAME COLUMN item TO thing']
const back = ['ALTER TABLE shop_orders RENAME COLUMN thing TO item']
const till = (item: string) =>
  component('till', [['CREATE TABLE till (x)']], {
    repeatables: [`CREATE VIEW things AS SELECT ${item} AS one FROM shop_orders`],
  })

describe.each(engines)('A view that was rewritten by a renaming on %s', (engine) => {
  test('of a rollback is still its component’s', async () => {
    opened = await openDatabase(engine)
    const first = shop([[orders], { statements: renamed, revert: back }])
    await opened.migrate([first, till('thing')])
    await opened.rollback([first], 'shop-0001')
    expect(await text('things')).toContain('item')
    expect(await opened.launch([till('item')])).toMatchObject({ outcome: 'current' })
  })

  test('of a set-up is still its component’s', async () => {
    opened = await openDatabase(engine)
    const first = shop([
      { statements: [orders], setUp: [{ name: 'renames', action: 'alter', statements: () => renamed }] },
    ])
    await opened.migrate([first, till('item')])
    await migrator(first).setUp({})
    expect(await text('things')).toContain('thing')
    expect(await opened.launch([till('thing')])).toMatchObject({ outcome: 'current' })
  })

  test('of a drop is still its component’s, and the dropped component’s own goes', async () => {
    opened = await openDatabase(engine)
    await opened.run(orders)
    const own = component('own', [['CREATE TABLE own_t (x)']], {
      drop: renamed,
      repeatables: ['CREATE VIEW own_v AS SELECT item FROM shop_orders'],
    })
    await opened.migrate([own, till('item')])
    await migrator(own).drop('own')
    expect(await text('own_v')).toBeUndefined()
    expect(await text('things')).toContain('thing')
    expect(await opened.launch([till('thing')])).toMatchObject({ outcome: 'current' })
  })

  test('of a set-up is made from its own text at once', async () => {
    opened = await openDatabase(engine)
    const renamesTable = (repeatable: string) =>
      shop(
        [
          {
            statements: [orders],
            setUp: [
              {
                name: 'renames',
                action: 'alter',
                statements: () => ['ALTER TABLE shop_orders RENAME TO shop_past', orders],
              },
            ],
          },
        ],
        { repeatables: [repeatable] },
      )
    const fits = renamesTable('CREATE VIEW items AS SELECT item FROM shop_orders')
    await opened.migrate([fits])
    await migrator(fits).setUp({})
    expect(await text('items')).not.toContain('past')
    expect(await opened.launch([fits])).toMatchObject({ outcome: 'current' })
  })

  test('of a set-up stops it where the app’s own text does not fit any more', async () => {
    opened = await openDatabase(engine)
    const broken = shop(
      [{ statements: [orders], setUp: [{ name: 'renames', action: 'alter', statements: () => renamed }] }],
      { repeatables: ['CREATE VIEW items AS SELECT item FROM shop_orders'] },
    )
    await opened.migrate([broken])
    await expect(migrator(broken).setUp({})).rejects.toMatchObject({
      code: 'patch-failed',
      message: expect.stringContaining('items'),
    })
    expect(await opened.launch([broken])).toMatchObject({ outcome: 'current' })
  })

  test('of a piece is recorded with the piece, which may be the last that is committed', async () => {
    opened = await openDatabase(engine)
    const pieces = shop([
      [orders],
      [
        ...renamed,
        {
          code: 'stops',
          next: async () => {
            throw new Error('cut off')
          },
        },
      ],
    ])
    await opened.migrate([shop([[orders]]), till('item')])
    expect(await opened.launch([pieces])).toMatchObject({ outcome: 'failed' })
    expect(await text('things')).toContain('thing')
    expect(await opened.launch([till('thing')])).toMatchObject({ outcome: 'current' })
  })
})
