import { afterEach, describe, expect, test } from 'vitest'
import type { LaunchEvent } from '../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { component, customers, orders, shop } from './shop.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const setUp = [{ name: 'parts', action: 'create' as const, statements: () => ['CREATE TABLE shop_parts (id)'] }]
const components = [
  shop([
    { statements: [orders], revert: ['DROP TABLE shop_orders'], setUp },
    { statements: [customers], revert: ['DROP TABLE shop_customers'] },
  ]),
]

type Watching = Parameters<Migrator['drop']>[1]
const changes: Readonly<Record<string, (migrator: Migrator, watching: Watching) => Promise<object>>> = {
  'a rollback': (migrator, watching) => migrator.rollback(watching),
  'a drop': (migrator, watching) => migrator.drop('shop', watching),
  'a set-up': (migrator, watching) => migrator.setUp({}, watching),
}
const names = Object.keys(changes)

async function migrated(): Promise<Migrator> {
  opened = await openDatabase()
  await opened.migrate(components)
  return new Migrator(opened, components, { backup: false })
}

describe.each(names)('Without a backup, %s', (name) => {
  const change = changes[name]!

  test('tells how it goes, and its end', async () => {
    const migrator = await migrated()
    const events: LaunchEvent[] = []
    await change(migrator, { onEvent: (event) => events.push(event) })
    expect(events.at(-1)).toMatchObject({ type: 'finished', outcome: 'migrated' })
    if (name === 'a set-up') return
    const patches = ['shop-0002', 'shop-0001']
    expect(events[0]).toMatchObject({ type: 'planned', patches })
    expect(events.flatMap((event) => (event.type === 'patch' ? event.patch : []))).toEqual(patches)
  })

  test('that is called off leaves everything as it was, and says so', async () => {
    const migrator = await migrated()
    const before = await opened.snapshot()
    const events: LaunchEvent[] = []
    const called = change(migrator, { signal: AbortSignal.abort(), onEvent: (event) => events.push(event) })
    await expect(called).rejects.toMatchObject({ code: 'patch-failed', details: { cancelled: true } })
    expect(events.at(-1)).toMatchObject({ type: 'finished', outcome: 'failed' })
    expect(await opened.snapshot()).toEqual(before)
  })

  test('is done although its lock cannot be let go, which is a warning', async () => {
    await migrated()
    const driver = {
      ...opened.driver,
      acquireLaunchLock: async () => () => Promise.reject(new Error('the lock is stuck')),
    }
    const migrator = new Migrator({ driver, connection: opened.connection }, components, { backup: false })
    expect(await change(migrator, {})).toMatchObject({ warnings: [expect.stringContaining('the lock is stuck')] })
    const tables = await opened.list("SELECT name FROM sqlite_schema WHERE name GLOB 'shop_*'")
    expect(tables).toEqual(name === 'a set-up' ? ['shop_orders', 'shop_customers', 'shop_parts'] : [])
  })
})

test('A rollback that is called off between two patches undoes what it did', async () => {
  const migrator = await migrated()
  const before = await opened.snapshot()
  const controller = new AbortController()
  const onEvent = (event: LaunchEvent) => event.type === 'statement' && controller.abort()
  await expect(migrator.rollback({ signal: controller.signal, onEvent })).rejects.toMatchObject({
    details: { cancelled: true },
  })
  expect(await opened.snapshot()).toEqual(before)
})

test('A rollback that finds nothing to undo says so at its end', async () => {
  opened = await openDatabase()
  const events: LaunchEvent[] = []
  await new Migrator(opened, components).rollback({ onEvent: (event) => events.push(event) })
  expect(events).toMatchObject([{ type: 'finished', outcome: 'current' }])
})

describe('What stands in the way of a launch', () => {
  test('is told whole: every problem is in the details, and in the words', async () => {
    opened = await openDatabase()
    const old = component('old', [['CREATE TABLE old_t (x)']])
    await opened.migrate([old, shop([[orders]])])
    const { outcome, error } = await opened.launch([
      old,
      shop([
        [orders.replace('item', 'thing')],
        { statements: [customers], requires: ['a-0001'], conflicts: ['old-0001'] },
      ]),
    ])
    expect(outcome).toBe('refused')
    expect(error).toMatchObject({ code: 'schema-drift', details: { patch: 'shop-0001' } })
    expect(error?.details?.['problems']).toMatchObject([
      { code: 'schema-drift' },
      { code: 'missing-requirement', details: { missing: ['a-0001'] } },
      { code: 'conflicting-patch', details: { pairs: ['old-0001 and shop-0002'] } },
    ])
    for (const said of ['shop-0001', 'a-0001', 'old-0001 and shop-0002']) expect(error?.message).toContain(said)
  })

  test('is told with the patch whose condition does not hold, of every component', async () => {
    opened = await openDatabase()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1)')
    const before = [{ name: 'nothing is there', rows: 'SELECT x FROM t' }]
    const { error } = await opened.launch([
      shop([{ statements: [orders], before }]),
      component('till', [{ statements: ['CREATE TABLE till (x)'], before }]),
    ])
    expect(error).toMatchObject({
      code: 'patch-failed',
      details: {
        patch: 'shop-0001',
        problems: [{ details: { patch: 'shop-0001' } }, { details: { patch: 'till-0001' } }],
      },
    })
    expect(error?.message).toMatch(/shop-0001.*till-0001/)
  })
})
