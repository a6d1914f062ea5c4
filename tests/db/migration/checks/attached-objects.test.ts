import { afterEach, describe, expect, test } from 'vitest'
import { component, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const anew = (columns: string, read: string) => [
  `CREATE TABLE anew (id INTEGER PRIMARY KEY, ${columns})`,
  `INSERT INTO anew SELECT id, ${read} FROM shop_orders`,
  'DROP TABLE shop_orders',
  'ALTER TABLE anew RENAME TO shop_orders',
]
const trigger = 'CREATE TRIGGER mine AFTER INSERT ON shop_orders BEGIN SELECT 1; END'
const index = 'CREATE INDEX mine_item ON shop_orders (item)'
const attached = () => opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'mine*' ORDER BY 1")
const open = async (engine: (typeof engines)[number]) => {
  opened = await openDatabase(engine)
  const log = component('log', [['CREATE TABLE log (x)']], {
    repeatables: ['CREATE TRIGGER mine_log AFTER INSERT ON shop_orders BEGIN INSERT INTO log VALUES (1); END'],
  })
  await opened.migrate([shop([[orders]]), log])
  await opened.run(trigger, index)
}

describe.each(engines)('What others have on a table that a patch builds anew by hand on %s', (engine) => {
  const rebuilt = shop([
    [orders],
    { statements: anew('item, price', 'item, 0'), revert: anew('item TEXT NOT NULL', 'item') },
  ])

  test('is there again, after the patch and after its way back', async () => {
    await open(engine)
    await opened.migrate([rebuilt])
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
    await opened.rollback([rebuilt], 'shop-0001')
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })

  test('is named in a refusal where it does not fit any more', async () => {
    await open(engine)
    expect(await opened.launch([shop([[orders], anew('thing', 'item')])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', details: { index: 'mine_item', table: 'shop_orders', patch: 'shop-0002' } },
    })
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })

  test('is named in a refusal where the table goes for good, if it is a trigger', async () => {
    await open(engine)
    expect(await opened.launch([shop([[orders], ['DROP TABLE shop_orders']])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', message: expect.stringContaining('mine') },
    })
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })

  test('goes where the patch drops it by name, in a text or in code', async () => {
    await open(engine)
    const drops = {
      code: 'drops',
      run: async (tx: { execute: (s: { text: string }) => Promise<unknown> }) =>
        void (await tx.execute({ text: 'DROP INDEX IF EXISTS main."mine_item"' })),
    }
    await opened.migrate([shop([[orders], ['DROP TRIGGER mine', drops, ...anew('item', 'item')]])])
    expect(await attached()).toEqual(['mine_log'])
  })
})
