import { afterEach, describe, expect, test } from 'vitest'
import type { PatchTransaction } from '../../../../src/db/migration/component.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
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

  test('is there again although a step in code has built the table anew before', async () => {
    await open(engine)
    const rebuild = {
      code: 'rebuild',
      run: async (tx: PatchTransaction) => {
        await tx.rebuildTable({ table: 'shop_orders', sql: orders })
        await tx.withoutTriggers('shop_orders', () => Promise.resolve())
      },
    }
    await opened.migrate([shop([[orders], [rebuild, ...anew('item, price', 'item, 0')]])])
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })

  test('goes where a step in code names it among the indexes that its rebuilding drops', async () => {
    await open(engine)
    const rebuild = {
      code: 'rebuild',
      run: (tx: PatchTransaction) => tx.rebuildTable({ table: 'shop_orders', sql: orders, dropIndexes: ['mine_item'] }),
    }
    await opened.migrate([shop([[orders], [rebuild]])])
    expect(await attached()).toEqual(['mine', 'mine_log'])
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

describe.each(engines)('What others have on a table that a patch in pieces builds anew on %s', (engine) => {
  const done = { code: 'done', next: () => Promise.resolve(null) }
  const inPieces = (columns: string, read: string) => shop([[orders], [...anew(columns, read), done]])
  /** Runs the pieces up to the one that gives the new table its name, and fails after it. */
  async function cutOff(columns: string, read: string) {
    const fails = { ...done, next: () => Promise.reject(new Error('cut off')) }
    expect((await opened.launch([shop([[orders], [...anew(columns, read), fails]])])).outcome).toBe('failed')
  }

  test('comes back when the patch is done, also where it was cut off', async () => {
    await open(engine)
    await cutOff('item, price', 'item, 0')
    expect(await attached()).toEqual([])
    expect((await opened.migrate([inPieces('item, price', 'item, 0')])).outcome).toBe('migrated')
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })

  test.each(['piece by piece', 'by one piece'])(
    'runs for no row that later pieces fill in (made anew %s)',
    async (how) => {
      await open(engine)
      await opened.run("INSERT INTO shop_orders VALUES (1, 'a'), (2, 'b')", 'DELETE FROM log')
      const refuse = "CREATE TRIGGER mine_no BEFORE UPDATE ON shop_orders BEGIN SELECT RAISE(ABORT, 'no'); END"
      await opened.run(refuse)
      const made = ['CREATE TABLE kept AS SELECT * FROM shop_orders', 'DROP TABLE shop_orders', orders]
      const atOnce = {
        code: 'at once',
        run: async (tx: PatchTransaction) => void (await tx.batch(made.map((text) => ({ text })))),
      }
      const fill = {
        code: 'fill',
        next: async (tx: PatchTransaction, from: string | null) => {
          const id = Number(from ?? 0) + 1
          await tx.execute({ text: 'INSERT INTO shop_orders SELECT * FROM kept WHERE id = ?', params: [id] })
          await tx.execute({ text: 'UPDATE shop_orders SET item = item || item WHERE id = ?', params: [id] })
          return id === 2 ? null : String(id)
        },
      }
      const steps = [...(how === 'by one piece' ? [atOnce] : made), fill, 'DROP TABLE kept']
      expect((await opened.migrate([shop([[orders], steps])])).outcome).toBe('migrated')
      expect(await opened.value('SELECT count(*) FROM log')).toBe(0)
      expect(await opened.list('SELECT item FROM shop_orders')).toEqual(['aa', 'bb'])
      expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log', 'mine_no'])
    },
  )

  test('stays where a foreign key cannot do without it, and is nobody’s to drop', async () => {
    opened = await openDatabase(engine)
    await opened.run(
      orders,
      'CREATE UNIQUE INDEX mine_item ON shop_orders (item)',
      "INSERT INTO shop_orders VALUES (1, 'a')",
    )
    await opened.run('CREATE TABLE child (item REFERENCES shop_orders (item))', "INSERT INTO child VALUES ('a')")
    const [create, fill, ...swap] = anew('item', 'item')
    const code = {
      code: 'swap',
      run: async (tx: PatchTransaction) => void (await tx.batch(swap.map((text) => ({ text })))),
    }
    const a = component('a', [[create!, fill!, code, done]])
    expect((await opened.migrate([a])).outcome).toBe('migrated')
    expect(await attached()).toEqual(['mine_item'])
    expect(await opened.list('SELECT objects FROM selfsame_ledger')).toEqual(['[]'])
  })

  const copied = { code: 'copies', next: () => Promise.resolve(null) }
  const away = (columns: string, read: string) => [
    'ALTER TABLE shop_orders RENAME TO shop_old',
    `CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, ${columns})`,
    `INSERT INTO shop_orders SELECT id, ${read} FROM shop_old`,
    copied,
    'DROP TABLE shop_old',
  ]

  test.each(['at once', 'cut off'])('comes back where the old table is renamed out of the way, %s', async (how) => {
    await open(engine)
    const before = await attached()
    const steps = away('item, price', 'item, 0')
    if (how === 'cut off') {
      const fails = { ...done, next: () => Promise.reject(new Error('cut off')) }
      const cut = [...steps.slice(0, 3), fails, ...steps.slice(4)]
      expect((await opened.launch([shop([[orders], cut])])).outcome).toBe('failed')
    }
    const whole = how === 'cut off' ? [...steps.slice(0, 3), { ...done }, ...steps.slice(4)] : steps
    expect((await opened.migrate([shop([[orders], whole])])).outcome).toBe('migrated')
    expect(await attached()).toEqual(before)
    expect(await opened.list("SELECT tbl_name FROM sqlite_schema WHERE name LIKE 'mine%' GROUP BY 1")).toContain(
      'shop_orders',
    )
  })

  test('is told where it does not fit the table that took the place of the one renamed', async () => {
    await open(engine)
    const { outcome, repairs } = await opened.migrate([shop([[orders], away('thing', 'item')])])
    expect(outcome).toBe('repaired')
    expect(repairs.map(({ kind, column }) => `${kind} ${column}`)).toEqual(['index mine_item'])
  })

  test('is not in the way of an index that the patch makes by the same name', async () => {
    await open(engine)
    const steps = [...anew('item, price', 'item, 0'), done, 'CREATE INDEX mine_item ON shop_orders (price)']
    expect((await opened.migrate([shop([[orders], steps])])).outcome).toBe('migrated')
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'mine_item'")).toContain('price')
  })

  test('is not in the way of one that a step in code makes by the same name', async () => {
    await open(engine)
    const code = {
      code: 'indexes',
      run: async (tx: PatchTransaction) => {
        await tx.execute({ text: 'CREATE INDEX IF NOT EXISTS mine_item ON shop_orders (price)' })
        await tx.batch([{ text: 'CREATE TRIGGER mine BEFORE DELETE ON shop_orders BEGIN SELECT 1; END' }])
      },
    }
    const steps = [...anew('item, price', 'item, 0'), done, code]
    expect((await opened.migrate([shop([[orders], steps])])).outcome).toBe('migrated')
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'mine_item'")).toContain('price')
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'mine'")).toContain('DELETE')
  })

  test('is not in the way of one that code makes after a cut', async () => {
    await open(engine)
    const code = (fails: boolean) => ({
      code: 'index',
      run: async (tx: PatchTransaction) => {
        if (fails) throw new Error('cut off')
        await tx.execute({ text: 'CREATE INDEX mine_item ON shop_orders (price)' })
      },
    })
    const steps = (fails: boolean) => shop([[orders], [...anew('item, price', 'item, 0'), done, code(fails)]])
    expect((await opened.launch([steps(true)])).outcome).toBe('failed')
    expect((await opened.migrate([steps(false)])).outcome).toBe('migrated')
    expect(await opened.value("SELECT sql FROM sqlite_schema WHERE name = 'mine_item'")).toContain('price')
  })

  test('comes back where its table is renamed for good and then built anew under that name', async () => {
    await open(engine)
    const steps = [
      'ALTER TABLE shop_orders RENAME TO shop_kept',
      'CREATE TABLE anew (id INTEGER PRIMARY KEY, item)',
      'INSERT INTO anew SELECT id, item FROM shop_kept',
      'DROP TABLE shop_kept',
      'ALTER TABLE anew RENAME TO shop_kept',
    ]
    await opened.run('DROP TRIGGER mine_log')
    expect(await opened.migrate([shop([[orders], [done, ...steps]])])).toMatchObject({ outcome: 'migrated' })
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE tbl_name = 'shop_kept' ORDER BY 1")).toEqual([
      ...['mine', 'mine_item', 'shop_kept'],
    ])
  })

  test('stays somebody else’s: a second rebuilding keeps it, and a drop does', async () => {
    opened = await openDatabase(engine)
    await opened.run(orders, trigger, index)
    const a = component('a', [[...anew('item, price', 'item, 0'), done], anew('item', 'item')])
    await opened.migrate([a], { to: 'a-0001' })
    await opened.migrate([a])
    expect(await attached()).toEqual(['mine', 'mine_item'])
    await new Migrator(opened, [a]).drop('a')
    expect(await attached()).toEqual(['mine', 'mine_item'])
  })

  test('is told and kept in the log of repairs where it does not fit: the table is committed by then', async () => {
    await open(engine)
    await opened.run('CREATE TRIGGER mine_of AFTER UPDATE ON shop_orders BEGIN INSERT INTO log VALUES (new.item); END')
    const { outcome, repairs } = await opened.migrate([inPieces('thing', 'item')])
    expect(outcome).toBe('repaired')
    expect(repairs.map(({ kind, column }) => `${kind} ${column}`)).toEqual(['index mine_item', 'trigger mine_of'])
    expect(repairs[0]).toMatchObject({ table: 'shop_orders', value: index })
    expect(await attached()).toEqual(['mine', 'mine_log'])
    expect((await opened.launch([inPieces('thing', 'item')])).outcome).toBe('current')
  })

  test('refuses the piece that drops the table and makes another one it does not fit', async () => {
    await open(engine)
    const code = {
      code: 'at once',
      next: async (tx: { execute: (s: { text: string }) => Promise<unknown> }) => {
        for (const text of anew('thing', 'item')) await tx.execute({ text })
        return null
      },
    }
    expect(await opened.launch([shop([[orders], [code]])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', details: { index: 'mine_item' } },
    })
    expect(await attached()).toEqual(['mine', 'mine_item', 'mine_log'])
  })
})

describe.each(engines)('What an adopted patch says that it makes, on %s', (engine) => {
  const trigger = 'CREATE TRIGGER IF NOT EXISTS main.touch AFTER INSERT ON shop_orders BEGIN SELECT 1; END'
  const first = [orders, 'CREATE UNIQUE INDEX "one_item" ON shop_orders (item)', trigger]
  const present = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'shop_orders')"

  test.each([
    ['built anew', anew('item', 'item')],
    ['dropped', ['DROP TABLE shop_orders']],
  ])('is the component’s to lose, as on a fresh database: a table %s', async (_, statements) => {
    opened = await openDatabase(engine)
    await opened.run(...first)
    const patches = [{ statements: first, present }, { statements }]
    expect(await opened.migrate([shop(patches)])).toMatchObject({ adopted: ['shop-0001'], applied: ['shop-0002'] })
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE name IN ('one_item', 'touch')")).toEqual([])
  })
})
