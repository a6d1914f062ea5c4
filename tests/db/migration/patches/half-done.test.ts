import { afterEach, describe, expect, test } from 'vitest'
import type { ChunkedStep, Patch } from '../../../../src/db/migration/component.ts'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import type { Driver } from '../../../../src/db/driver.ts'
import { checkStatement } from '../../../../src/db/statement.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { component } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

/** Copies the three rows of `old` one by one; `state.stopAt` is the row where it fails. */
const copyRows = (state: { stopAt: number }): ChunkedStep => ({
  code: 'copy',
  async next(tx, cursor) {
    const id = Number(cursor ?? 0) + 1
    if (id === state.stopAt) throw new Error('cut off')
    await tx.execute({ text: 'INSERT INTO a_rows SELECT id FROM old WHERE id = ?', params: [id] })
    return id === 3 ? null : String(id)
  },
})
const make = 'CREATE TABLE a_rows (id INTEGER PRIMARY KEY)'

describe.each(engines)('A patch that is half done on %s', (engine) => {
  async function cutOff(rest: Partial<Patch> = {}, ...others: ReturnType<typeof component>[]) {
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE old (id INTEGER PRIMARY KEY)', 'INSERT INTO old VALUES (1), (2), (3)')
    const state = { stopAt: 2 }
    const a = component('a', [{ ...rest, statements: [make, copyRows(state)] }])
    expect((await opened.launch([...others, a])).outcome).toBe('failed')
    return { a, state }
  }
  const copied = () => opened.list('SELECT id FROM a_rows ORDER BY id')

  test('is finished and not adopted, although what it made shows', async () => {
    const present = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'a_rows')"
    const { a, state } = await cutOff({ present })
    state.stopAt = 0
    expect(await opened.migrate([a])).toMatchObject({ applied: ['a-0001'], adopted: [] })
    expect(await copied()).toEqual([1, 2, 3])
  })

  test('does not wait any more for what it could have waited for', async () => {
    let reasons: string[] = []
    const { a, state } = await cutOff({ waitsFor: () => Promise.resolve(reasons) })
    state.stopAt = 0
    reasons = ['not now']
    expect(await opened.migrate([a])).toMatchObject({ applied: ['a-0001'], held: [] })
  })

  test('keeps what it requires from being dropped', async () => {
    const b = component('b', [{ statements: ['CREATE TABLE b_rows (x)'] }])
    await cutOff({ requires: ['b-0001'] }, b)
    await expect(new Migrator(opened, [b]).drop('b')).rejects.toMatchObject({
      code: 'missing-requirement',
      details: { requiredBy: [{ patch: 'a-0001', missing: ['b-0001'] }] },
    })
  })

  test('keeps out what it conflicts with, by an app that does not name it', async () => {
    await cutOff({ conflicts: ['c-0001'] })
    const c = component('c', [['CREATE TABLE c_rows (x)']])
    expect(await opened.launch([c])).toMatchObject({ outcome: 'refused', error: { code: 'conflicting-patch' } })
  })

  test('is replayed and not folded into a baseline, where nothing stands of it yet', async () => {
    opened = await openDatabase(engine)
    let fails = true
    const first = {
      code: 'first',
      next: async (tx: Parameters<ChunkedStep['next']>[0]) => {
        if (fails) throw new Error('cut off')
        await tx.execute({ text: make })
        return null
      },
    }
    const patches = [[first], ['CREATE TABLE a_more (x)']]
    expect((await opened.launch([component('a', patches.slice(0, 1))])).outcome).toBe('failed')
    fails = false
    const baseline = { through: 'a-0002', statements: [make, 'CREATE TABLE a_more (x)'] }
    const folded = component('a', patches, { baseline })
    await opened.migrate([folded])
    expect(await new Migrator(opened, [folded]).status()).toMatchObject([{ begun: [], pending: [] }])
    expect(await opened.list('SELECT DISTINCT outcome FROM selfsame_ledger')).toEqual(['applied'])
  })
})

test('A patch in pieces is not gone on with where another launch has done so meanwhile', async () => {
  let meddles = false
  const driver = nodeDriver({ filename: ':memory:' })
  const meddled: Driver = {
    ...driver,
    open: async () => {
      const connection = await driver.open()
      const reserve = async () => {
        const session = await connection.reserve()
        const run: typeof session.run = async (statements, options) => {
          const results = await session.run(statements, options)
          if (meddles && statements[0]?.text === 'COMMIT')
            await session.run([checkStatement({ text: "UPDATE selfsame_cursors SET cursor = 'at:7' WHERE step = 0" })])
          return results
        }
        return { release: () => session.release(), run }
      }
      return { ...connection, reserve }
    },
  }
  opened = await openDatabase(meddled)
  const places: (string | null)[] = []
  const step: ChunkedStep = {
    code: 'three pieces',
    next: (_tx, cursor) => {
      places.push(cursor)
      meddles = cursor === '1'
      return Promise.resolve(cursor === null ? '1' : cursor === '1' ? '2' : null)
    },
  }
  const a = component('a', [[step]])
  expect(await opened.launch([a])).toMatchObject({ outcome: 'failed', error: { code: 'locked' } })
  expect(places).toEqual([null, '1'])
})
