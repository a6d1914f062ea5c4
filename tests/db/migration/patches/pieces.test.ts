import { afterEach, describe, expect, test } from 'vitest'
import type { ChunkedStep, PatchTransaction } from '../../../../src/db/migration/component.ts'
import type { LaunchEvent } from '../../../../src/db/migration/launch-report.ts'
import { component, customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

/** Doubles `t.x` row by row. `before` is called with the place it begins at, and may throw. */
function doubling(before: (at: number, tx: PatchTransaction) => void | Promise<void> = () => undefined): ChunkedStep {
  return {
    code: 'doubles',
    async next(tx, cursor) {
      const at = Number(cursor ?? 0) + 1
      await before(at, tx)
      await tx.execute({ text: 'UPDATE t SET x = x * 2 WHERE id = ?', params: [at] })
      await tx.progress({ done: at, total: 5 })
      return at === 5 ? null : String(at)
    },
  }
}
const fiveRows = ['CREATE TABLE t (id INTEGER PRIMARY KEY, x)', 'INSERT INTO t (x) VALUES (1), (2), (3), (4), (5)']
const doubled = [2, 4, 6, 8, 10]
const values = () => opened.list('SELECT x FROM t ORDER BY id')
const cutAt = (place: number) => {
  let cuts = 1
  return (at: number) => {
    if (at === place && cuts-- > 0) throw new Error('cut off')
  }
}

describe.each(engines)('A patch in pieces on %s', (engine) => {
  test('is done once, and reports how far it is', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const events: LaunchEvent[] = []
    const components = [shop([[doubling()]])]
    expect(await opened.migrate(components, { onEvent: (event) => events.push(event) })).toMatchObject({
      outcome: 'migrated',
      applied: ['shop-0001'],
    })
    expect(await values()).toEqual(doubled)
    expect(events.filter(({ type }) => type === 'progress')).toMatchObject(
      [1, 2, 3, 4, 5].map((done) => ({ patch: 'shop-0001', done, total: 5 })),
    )
    expect(events.filter(({ type }) => type === 'statement')).toMatchObject([
      { patch: 'shop-0001', index: 1, total: 1, rows: 5 },
    ])
    expect(await opened.list('SELECT count(*) FROM selfsame_cursors')).toEqual([0])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'current' })
  })

  test('that is cut off goes on where it was, with no row done twice', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const begun: number[] = []
    const cut = cutAt(4)
    const components = [
      shop([
        [
          orders,
          doubling((at) => {
            begun.push(at)
            cut(at)
          }),
          customers,
        ],
      ]),
    ]
    expect(await opened.launch(components)).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed', details: { patch: 'shop-0001' } },
    })
    expect(await values()).toEqual([2, 4, 6, 4, 5])
    expect(await opened.list('SELECT name FROM selfsame_ledger')).toEqual([])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated', applied: ['shop-0001'] })
    expect(begun).toEqual([1, 2, 3, 4, 4, 5])
    expect(await values()).toEqual(doubled)
    expect(await opened.value('SELECT objects FROM selfsame_ledger')).toBe(
      '["table shop_orders","table shop_customers"]',
    )
    expect(await opened.value('PRAGMA foreign_keys')).toBe(1)
  })

  test('that is called off stops between two pieces, and goes on at the next launch', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const controller = new AbortController()
    const components = [shop([[doubling()]])]
    const onEvent = (event: LaunchEvent) => void (event.type === 'progress' && event.done === 2 && controller.abort())
    expect(await opened.launch(components, { signal: controller.signal, onEvent })).toMatchObject({
      outcome: 'failed',
      error: { details: { cancelled: true } },
    })
    expect((await values()).slice(2)).toEqual([3, 4, 5])
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated' })
    expect(await values()).toEqual(doubled)
  })

  test('asks its checks before it begins, and not again when it goes on', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const check = { name: 'x is what it was', rows: 'SELECT x FROM t WHERE x <> id' }
    const components = [shop([{ statements: [doubling(cutAt(3))], before: [check] }])]
    expect((await opened.launch(components)).outcome).toBe('failed')
    expect(await opened.launch(components)).toMatchObject({ outcome: 'migrated' })
  })

  test('asks its checks after it before the ledger says that it is done', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const check = { name: 'x is small', rows: 'SELECT x FROM t WHERE x > 8' }
    expect(await opened.launch([shop([{ statements: [doubling()], after: [check] }])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'patch-failed' },
    })
    expect(await opened.list('SELECT name FROM selfsame_ledger')).toEqual([])
  })

  test('keeps what earlier patches of the launch did, and says so', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const report = await opened.launch([shop([[orders], [doubling(cutAt(2))], [customers]])])
    expect(report).toMatchObject({
      outcome: 'failed',
      applied: ['shop-0001'],
      error: { details: { patch: 'shop-0002' } },
    })
    expect(await opened.list('SELECT name FROM selfsame_ledger')).toEqual(['shop-0001'])
  })

  test('that is cut off leaves the views there that were there', async () => {
    opened = await openDatabase(engine)
    const repeatables = ['CREATE VIEW items AS SELECT item FROM shop_orders']
    const other = component('base', [['CREATE TABLE base_t (x)']], {
      repeatables: ['CREATE VIEW xs AS SELECT x FROM base_t'],
    })
    await opened.migrate([shop([[orders]], { repeatables }), other])
    await opened.run(...fiveRows)
    const components = [shop([[orders], [doubling(cutAt(2))]], { repeatables }), other]
    expect((await opened.launch(components)).outcome).toBe('failed')
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1")).toEqual(['items', 'xs'])
    expect((await opened.launch(components)).outcome).toBe('migrated')
    expect(await opened.list("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1")).toEqual(['items', 'xs'])
  })

  test('runs its pieces without the views in the way', async () => {
    opened = await openDatabase(engine)
    const repeatables = ['CREATE VIEW ys AS SELECT x FROM t']
    await opened.migrate([shop([fiveRows], { repeatables })])
    const seen: unknown[] = []
    const look = async (_at: number, tx: PatchTransaction) =>
      void seen.push((await tx.query({ text: "SELECT name FROM sqlite_schema WHERE type = 'view'" })).length)
    await opened.migrate([shop([fiveRows, [doubling(look)]], { repeatables })])
    expect(seen).toEqual([0, 0, 0, 0, 0])
  })

  test('refuses orphans that its pieces made', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows, 'CREATE TABLE c (t REFERENCES t (id))', 'INSERT INTO c VALUES (1)')
    const step: ChunkedStep = {
      code: 'deletes',
      next: async (tx) => (await tx.execute({ text: 'DELETE FROM t' }), null),
    }
    expect(await opened.launch([shop([[step]])])).toMatchObject({
      outcome: 'failed',
      error: { code: 'foreign-key-violation' },
    })
  })

  test('undoes the piece that fails, and no other', async () => {
    opened = await openDatabase(engine)
    await opened.run(...fiveRows)
    const step: ChunkedStep = {
      code: 'fails half way through the second piece',
      async next(tx, cursor) {
        await tx.execute({ text: 'UPDATE t SET x = 0 WHERE id = ?', params: [cursor === null ? 1 : 2] })
        if (cursor !== null) await tx.execute({ text: 'INSERT INTO nowhere VALUES (1)' })
        return '1'
      },
    }
    expect((await opened.launch([shop([[step]])])).outcome).toBe('failed')
    expect(await values()).toEqual([0, 2, 3, 4, 5])
  })
})
