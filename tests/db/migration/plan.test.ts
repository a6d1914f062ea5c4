import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PatchTransaction } from '../../../src/db/migration/component.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { sql } from '../../../src/db/sql.ts'
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

  test('can be written as JSON whatever rows a check finds', async () => {
    await open()
    await opened.run('CREATE TABLE big (n)', 'INSERT INTO big VALUES (9007199254740993), (7)')
    const before = [{ name: 'none', rows: 'SELECT n FROM big' }]
    const { problems } = await opened.plan([shop([{ statements: [orders], before }])])
    expect(JSON.parse(JSON.stringify(problems))).toMatchObject([{ rows: [{ n: '9007199254740993' }, { n: 7 }] }])
  })

  test('leaves out the views that wait for a patch that is held', async () => {
    await open()
    const repeatables = ['CREATE VIEW names AS SELECT name FROM shop_customers', 'CREATE VIEW items AS SELECT 1']
    const component = shop([[orders], [customers]], { repeatables })
    expect((await opened.plan([component], { hold: ['shop-0002'] })).repeatables).toEqual([repeatables[1]])
    expect((await opened.plan([component])).repeatables).toEqual(repeatables)
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

  test('shows the views and triggers that the launch takes out of the way and makes anew', async () => {
    await open()
    const view = 'CREATE VIEW shop_items AS SELECT item FROM shop_orders'
    await opened.migrate([shop([[orders]], { repeatables: [view] })])
    const after = [shop([[orders], [customers]], { repeatables: [view, `${view.replace('items', 'all')}`] })]
    const { repeatables } = await opened.plan(after)
    expect(repeatables).toEqual([expect.stringMatching(/^DROP view .*shop_items/), view, view.replace('items', 'all')])
    expect((await opened.plan([shop([[orders]], { repeatables: [view] })])).repeatables).toEqual([])
    expect((await opened.plan([shop([[orders]])])).repeatables).toEqual([expect.stringMatching(/^DROP view/)])
  })

  test('shows each statement with its rows, of code too, and none of the engine’s own', async () => {
    await open()
    await opened.run('CREATE TABLE t (x)', 'INSERT INTO t VALUES (1), (2), (3)')
    const code = {
      code: 'writes three times and keeps a value',
      run: async (tx: PatchTransaction) => {
        for (const x of [1, 2]) await tx.execute(sql`UPDATE t SET x = x + 10 WHERE x = ${x}`)
        await tx.query(sql`SELECT x FROM t`)
        await tx.execute(sql`DELETE FROM t WHERE x = 3`)
        await tx.setAside({ kind: 'kept', table: 't', column: 'x', value: '3' })
      },
    }
    const pieces = {
      code: 'in pieces',
      next: async (tx: PatchTransaction, cursor: string | null) => {
        await tx.execute(sql`INSERT INTO t VALUES (${cursor})`)
        return cursor === null ? 'second' : null
      },
    }
    const { steps } = await opened.plan([shop([[orders, code], [pieces]])])
    expect(steps).toEqual([
      {
        component: 'shop',
        patch: 'shop-0001',
        statements: [orders, 'UPDATE t SET x = x + 10 WHERE x = ?', 'DELETE FROM t WHERE x = 3'],
        rows: [0, 2, 1],
      },
      { component: 'shop', patch: 'shop-0002', statements: ['INSERT INTO t VALUES (?)'], rows: [2] },
    ])
  })

  test('of a baseline has the rows of each of its statements', async () => {
    await open()
    const seed = "INSERT INTO shop_orders (item) VALUES ('a'), ('b')"
    const { steps } = await opened.plan([
      shop([[orders], [customers]], { baseline: { through: 'shop-0002', statements: [orders, customers, seed] } }),
    ])
    expect(steps.map(({ rows }) => rows)).toEqual([[], [0, 0, 2]])
    expect(steps[1]?.statements).toEqual([orders, customers, seed])
  })

  test('names what would be adopted, repaired and warned of, as the launch then reports it', async () => {
    await open()
    await opened.runUnguarded(...buildLegacyDatabase({ state: 'orphan' }))
    const plan = await opened.plan(identity)
    expect(plan.adopted).toEqual(['identity-0001'])
    expect(plan.repairs).not.toEqual([])
    const { adopted, repairs, warnings } = await opened.migrate(identity)
    expect({ adopted: plan.adopted, repairs: plan.repairs, warnings: plan.warnings }).toEqual({
      adopted,
      repairs,
      warnings,
    })
  })
})
