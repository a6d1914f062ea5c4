import { afterEach, describe, expect, test } from 'vitest'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import { createDataLayer } from '../../../../src/index.ts'
import { component, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const items = 'CREATE VIEW items AS SELECT item FROM shop_orders'
const ours = shop([[orders]], { repeatables: [items] })
const theirs = (name: string, text: string) =>
  component(name, [[`CREATE TABLE ${name}_t (x)`]], { repeatables: [text] })
const others = [
  theirs('other', 'CREATE VIEW items AS SELECT 2 AS two'),
  theirs('capitals', 'CREATE VIEW ITEMS AS SELECT 2 AS two'),
  theirs('trigger', 'CREATE TRIGGER items AFTER INSERT ON trigger_t BEGIN SELECT 1; END'),
]
const pieces = { code: 'pieces', next: async (_tx: unknown, cursor: string | null) => (cursor === '2' ? null : '2') }

describe('Two components with a repeatable of one name', () => {
  test.each(others)('are refused before anything is opened, both named ($name)', async (other) => {
    opened = await openDatabase()
    const error = expect.objectContaining({
      code: 'unsupported',
      details: { name: expect.stringMatching(/items/i), components: ['shop', other.name] },
    })
    await expect((async () => opened.launch([ours, other]))()).rejects.toEqual(error)
    expect(() => createDataLayer({ driver: nodeDriver({ filename: ':memory:' }), components: [ours, other] })).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    )
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test.each(others)('in launches one after the other are refused, the owner named ($name)', async (other) => {
    opened = await openDatabase()
    await opened.migrate([ours])
    const before = await opened.snapshot()
    for (const components of [[other], [other]]) {
      expect(await opened.launch(components)).toMatchObject({
        outcome: 'refused',
        error: { code: 'foreign-schema', details: { component: other.name, owner: 'shop' } },
      })
    }
    expect(await opened.snapshot()).toEqual(before)
  })

  test('may follow each other where the first one’s was dropped by somebody', async () => {
    opened = await openDatabase()
    await opened.migrate([ours])
    await opened.run('DROP VIEW items')
    const [other = ours] = others
    expect(await opened.launch([other])).toMatchObject({ outcome: 'migrated' })
    expect(await opened.launch([other])).toMatchObject({ outcome: 'current' })
    expect(await opened.list('SELECT two FROM items')).toEqual([2])
  })

  test('may hand it over in one launch', async () => {
    opened = await openDatabase()
    await opened.migrate([ours])
    const [other = ours] = others
    await opened.migrate([shop([[orders]]), other])
    expect(await opened.list('SELECT two FROM items')).toEqual([2])
  })
})

describe.each(engines)('Something of somebody’s under a name that a repeatable is to have on %s', (engine) => {
  const refused = {
    outcome: 'refused',
    error: { code: 'foreign-schema', details: { component: 'shop', name: 'items' } },
  }

  test.each([
    ['a view', 'CREATE VIEW Items AS SELECT 5'],
    ['a table', 'CREATE TABLE items (x)'],
  ])('refuses the first launch before anything is written: %s', async (_what, text) => {
    opened = await openDatabase(engine)
    await opened.run(text)
    expect((await opened.plan([ours])).problems).toMatchObject([{ code: 'foreign-schema' }])
    expect(await opened.launch([ours])).toMatchObject(refused)
    expect(await opened.list('SELECT count(*) FROM sqlite_schema')).toEqual([1])
  })

  test('refuses a later launch before the first piece is committed', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders]])])
    await opened.run('CREATE VIEW items AS SELECT 5')
    expect(await opened.launch([shop([[orders], [pieces]], { repeatables: [items] })])).toMatchObject(refused)
    expect(await opened.list('SELECT patch FROM selfsame_cursors')).toEqual([])
  })

  test('is no reason to refuse where a patch drops it, or it is a trigger', async () => {
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE mine (x)', 'CREATE TRIGGER items AFTER INSERT ON mine BEGIN SELECT 1; END')
    await opened.run('CREATE VIEW "items" AS SELECT 5')
    await opened.migrate([shop([[orders, 'DROP VIEW items']], { repeatables: [items] })])
    expect(await opened.list('SELECT item FROM items')).toEqual([])
  })

  test('is found by the launch where a patch only might have dropped it', async () => {
    opened = await openDatabase(engine)
    await opened.run('CREATE VIEW items AS SELECT 5')
    const looks = { code: 'looks', run: async () => undefined }
    expect(await opened.launch([shop([[orders, looks]], { repeatables: [items] })])).toMatchObject(refused)
    expect(await opened.list('SELECT count(*) FROM sqlite_schema')).toEqual([1])
  })
})
