import { afterEach, describe, expect, test } from 'vitest'
import type { LaunchEvent } from '../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { component, customers, orders, shop } from './shop.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('Events', () => {
  test('tell the plan, each patch and statement with its rows, and the end', async () => {
    opened = await openDatabase()
    const events: LaunchEvent[] = []
    await opened.migrate([shop([[orders, "INSERT INTO shop_orders (item) VALUES ('a'), ('b'), ('c')"], [customers]])], {
      onEvent: (event) => events.push(event),
      hold: [],
    })
    expect(events.map((event) => ({ ...event, elapsedMs: 0 }))).toEqual([
      { type: 'planned', patches: ['shop-0001', 'shop-0002'], held: [], elapsedMs: 0 },
      { type: 'patch', patch: 'shop-0001', index: 1, total: 2, elapsedMs: 0 },
      { type: 'statement', patch: 'shop-0001', index: 1, total: 2, rows: 0, elapsedMs: 0 },
      { type: 'statement', patch: 'shop-0001', index: 2, total: 2, rows: 3, elapsedMs: 0 },
      { type: 'patch', patch: 'shop-0002', index: 2, total: 2, elapsedMs: 0 },
      { type: 'statement', patch: 'shop-0002', index: 1, total: 1, rows: 0, elapsedMs: 0 },
      { type: 'finished', outcome: 'migrated', elapsedMs: 0 },
    ])
  })

  test('that a listener throws at do not stop the launch, and are told as a warning', async () => {
    opened = await openDatabase()
    const report = await opened.launch([shop([[orders]])], {
      onEvent: () => {
        throw new Error('a fault of the app')
      },
    })
    expect(report).toMatchObject({ outcome: 'migrated', applied: ['shop-0001'] })
    expect(report.warnings).toEqual([expect.stringContaining('listener')])
    expect(await opened.list('SELECT name FROM selfsame_ledger')).toEqual(['shop-0001'])
  })
})

describe('A launch that is called off', () => {
  test('before it begins changes nothing', async () => {
    opened = await openDatabase()
    const report = await opened.launch([shop([[orders]])], { signal: AbortSignal.abort() })
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'patch-failed', details: { cancelled: true } } })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('between two statements undoes the first', async () => {
    opened = await openDatabase()
    const controller = new AbortController()
    const onEvent = (event: LaunchEvent) => event.type === 'statement' && controller.abort()
    const report = await opened.launch([shop([[orders, customers]])], { signal: controller.signal, onEvent })
    expect(report).toMatchObject({ outcome: 'failed', error: { details: { cancelled: true } } })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
    expect((await opened.launch([shop([[orders, customers]])])).outcome).toBe('migrated')
  })

  test('is not called off where it has nothing to do', async () => {
    opened = await openDatabase()
    await opened.migrate([shop([[orders]])])
    expect((await opened.launch([shop([[orders]])], { signal: AbortSignal.abort() })).outcome).toBe('current')
  })
})

describe('What cannot be told as a failure', () => {
  test('a lock that cannot be let go after the commit is a warning: the database is migrated', async () => {
    opened = await openDatabase()
    const driver = {
      ...opened.driver,
      acquireLaunchLock: async () => () => Promise.reject(new Error('the lock is stuck')),
    }
    const report = await new Migrator({ driver, connection: opened.connection }, [shop([[orders]])]).launch()
    expect(report).toMatchObject({
      outcome: 'migrated',
      applied: ['shop-0001'],
      warnings: [expect.stringContaining('lock')],
    })
  })

  test('a lock that is not had says who has it', async () => {
    opened = await openDatabase()
    const release = await opened.driver.acquireLaunchLock({ timeoutMs: 100 })
    const events: LaunchEvent[] = []
    const report = await opened.launch([shop([[orders]])], {
      lockTimeoutMs: 50,
      onEvent: (event) => events.push(event),
    })
    await release()
    expect(report).toMatchObject({
      outcome: 'failed',
      error: { code: 'locked', details: { holder: expect.any(String), since: expect.stringMatching(isoTime) } },
    })
    expect(events[0]).toMatchObject({ type: 'waiting', holder: expect.any(String) })
  })
})

describe('status', () => {
  test('tells what is applied, pending and held, and writes nothing', async () => {
    opened = await openDatabase()
    const waiting = { statements: ['CREATE TABLE w (x)'], waitsFor: async () => ['not yet'] }
    await opened.migrate([shop([[orders]])])
    const status = await new Migrator(opened, [shop([[orders], [customers]]), component('base', [waiting])]).status()
    expect(status).toEqual([
      {
        name: 'shop',
        applied: [{ name: 'shop-0001', appliedAt: expect.stringMatching(isoTime), adopted: false }],
        pending: ['shop-0002'],
        held: [],
        begun: [],
      },
      { name: 'base', applied: [], pending: [], held: ['base-0001'], begun: [] },
    ])
  })
})
