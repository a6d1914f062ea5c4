import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { customers, orders, shop } from './shop.ts'
import { type TestDatabase } from './test-database.ts'
import { makeFileFolder, type FileFolder } from './file-folder.ts'

let place: FileFolder
let opened: TestDatabase
beforeEach(async () => {
  place = await makeFileFolder()
})
afterEach(async () => {
  await opened?.close()
  await place.remove()
})

const open = async () => (opened = await place.open())
const listing = () => place.listing()
const identity = [identityComponent()]

describe('A plan', () => {
  test('changes no byte and leaves nothing beside the file, whatever it would write', async () => {
    await open()
    await opened.runUnguarded(
      ...buildLegacyDatabase({ accounts: 200, contacts: 3000, additions: ['tables', 'views', 'triggers', 'indexes'] }),
    )
    const files = await listing()
    const plan = await opened.plan(identity)
    expect(plan.problems).toEqual([])
    expect(plan.steps.map(({ patch }) => patch)).toEqual([
      'identity-0002',
      'identity-0003',
      'identity-0004',
      'identity-0005',
    ])
    expect(await listing()).toEqual(files)
    expect(await opened.value('PRAGMA foreign_keys')).toBe(1)
  })

  test('names the statements that the launch then runs', async () => {
    await open()
    await opened.runUnguarded(
      ...buildLegacyDatabase({
        state: 'orphan',
        accountActiveDid: 'own',
        activeIdentity: 'set-null',
        activeIdentityValue: 'none',
      }),
    )
    const components = [
      ...identity,
      shop([[orders, { text: 'INSERT INTO shop_orders (item) VALUES (?)', params: ['bound'] }]]),
    ]
    const plan = await opened.plan(components)
    const ran: string[] = []
    const session = async () => {
      const inner = await opened.connection.reserve()
      const run: typeof inner.run = (statements, options) => {
        ran.push(...statements.map(({ text }) => text))
        return inner.run(statements, options)
      }
      return { ...inner, run }
    }
    await new Migrator(
      { driver: opened.driver, connection: { ...opened.connection, reserve: session } },
      components,
    ).launch()
    let from = 0
    for (const text of plan.steps.flatMap(({ statements }) => statements)) {
      const at = ran.indexOf(text, from)
      expect(at, text).toBeGreaterThanOrEqual(from)
      from = at + 1
    }
    expect(plan.steps.at(-1)).toMatchObject({ component: 'shop', patch: 'shop-0001', rows: [0, 1] })
    expect(JSON.stringify(plan)).not.toContain('bound')
  })

  test('of an empty database names the baseline once', async () => {
    await open()
    const { steps } = await opened.plan(identity)
    expect(steps.map(({ patch }) => patch)).toEqual([
      'identity-0001',
      'identity-0002',
      'identity-0003',
      'identity-0004',
      'identity-0005',
    ])
    expect(
      steps.flatMap(({ statements }) => statements).filter((text) => text.startsWith('CREATE TABLE accounts')),
    ).toHaveLength(1)
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('of a current database is empty', async () => {
    await open()
    await opened.migrate(identity)
    expect(await opened.plan(identity)).toEqual({
      steps: [],
      repeatables: [],
      adopted: [],
      repairs: [],
      warnings: [],
      problems: [],
      held: [],
    })
  })

  test.each(['identity-0003', 'identity-0005'])('stops where the launch would, with %s held', async (name) => {
    await open()
    await opened.runUnguarded(...buildLegacyDatabase())
    const plan = await opened.plan(identity, { hold: [name] })
    const report = await opened.migrate(identity, { hold: [name] })
    expect(plan.steps.map(({ patch }) => patch)).toEqual(report.applied)
    expect(plan.held).toEqual(report.held)
  })

  test('tells what would fail, where, and with which rows', async () => {
    await open()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (5)')
    const { problems } = await opened.plan([
      shop([[orders], { statements: [customers], before: [{ name: 'empty', rows: 'SELECT x FROM t' }] }]),
    ])
    expect(problems).toMatchObject([{ code: 'patch-failed', rows: [{ x: 5 }] }])
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual(['t'])
  })

  test('goes through the pieces of a chunked step without leaving any behind', async () => {
    await open()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1), (2), (3)')
    const files = await listing()
    const step = {
      code: 'doubles',
      next: async (
        tx: { execute: (s: { text: string; params: unknown[] }) => Promise<unknown> },
        cursor: string | null,
      ) => {
        const at = Number(cursor ?? 0) + 1
        await tx.execute({ text: 'UPDATE t SET x = x * 2 WHERE rowid = ?', params: [at] })
        return at === 3 ? null : String(at)
      },
    }
    const plan = await opened.plan([shop([[step]])])
    expect(plan).toMatchObject({ problems: [], steps: [{ patch: 'shop-0001', rows: [3] }] })
    expect(await listing()).toEqual(files)
  })
})
