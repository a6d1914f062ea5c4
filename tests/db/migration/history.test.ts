import { afterEach, describe, expect, test } from 'vitest'
import type { Component } from '../../../src/db/migration/component.ts'
import type { ErrorCode } from '../../../src/errors/index.ts'
import { component, customers, orders, shop } from './shop.ts'
import { engines, openDatabase, type Engine, type LaunchOptions, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const two = [shop([[orders], [customers]])]

/** Launches `before`, then `after`, which has to be refused without a trace. */
async function refused(
  engine: Engine,
  before: readonly Component[],
  after: readonly Component[],
  options?: LaunchOptions,
) {
  opened = await openDatabase(engine)
  await opened.migrate(before)
  const content = await opened.snapshot()
  const ledger = await opened.rows('SELECT * FROM selfsame_ledger')
  const plan = await opened.plan(after, options)
  const report = await opened.launch(after, options)
  expect(report).toMatchObject({ outcome: 'refused', applied: [], adopted: [], repairs: [], backup: null })
  expect(await opened.snapshot()).toEqual(content)
  expect(await opened.rows('SELECT * FROM selfsame_ledger')).toEqual(ledger)
  expect(plan.problems[0]?.code).toBe(report.error?.code)
  return report.error!
}

describe.each(engines)('On %s, a launch is refused', (engine) => {
  test.each<{ name: string; before: Component[]; after: Component[]; code: ErrorCode; details: object }>([
    {
      name: 'when an applied patch is not known',
      before: [shop([[orders], [customers], ['CREATE TABLE c (x)']])],
      after: [shop([[orders]])],
      code: 'schema-too-new',
      details: { patches: ['shop-0002', 'shop-0003'], newest: 'shop-0001' },
    },
    {
      name: 'when only some newer patches let this reader in',
      before: [shop([[orders], { statements: [customers], minReader: 'shop-0001' }, ['CREATE TABLE c (x)']])],
      after: [shop([[orders]])],
      code: 'schema-too-new',
      details: { patches: ['shop-0003'] },
    },
    {
      name: 'when the newer patch asks for a newer reader',
      before: [shop([[orders], [customers], { statements: ['CREATE TABLE c (x)'], minReader: 'shop-0002' }])],
      after: [shop([[orders]])],
      code: 'schema-too-new',
      details: { patches: ['shop-0002', 'shop-0003'] },
    },
    {
      name: 'when an applied patch was changed',
      before: [shop([[orders, "INSERT INTO shop_orders VALUES (1, 'a')"]])],
      after: [shop([[orders, "INSERT INTO shop_orders VALUES (1, 'b')"]])],
      code: 'schema-drift',
      details: {
        patch: 'shop-0001',
        diff: [
          `  ${orders.replace('shop_orders (', 'shop_orders(')}`,
          '- INSERT INTO shop_orders VALUES(1, ?1)',
          '+ INSERT INTO shop_orders VALUES(1, ?2)',
        ],
      },
    },
    {
      name: 'when a value bound in an applied patch was changed',
      before: [shop([[orders, { text: 'INSERT INTO shop_orders VALUES (?, ?)', params: [1, 'a'] }]])],
      after: [shop([[orders, { text: 'INSERT INTO shop_orders VALUES (?, ?)', params: [1, 'b'] }]])],
      code: 'schema-drift',
      details: { patch: 'shop-0001' },
    },
    {
      name: 'when the code of an applied step was changed',
      before: [shop([[orders, { code: 'one', run: async () => undefined }]])],
      after: [shop([[orders, { code: 'two', run: async () => undefined }]])],
      code: 'schema-drift',
      details: { diff: [expect.any(String), '- -- code: one', '+ -- code: two'] },
    },
    {
      name: 'with all that is missing named at once',
      before: [],
      after: [
        shop([
          { statements: [orders], requires: ['a-0001', 'b-0003'] },
          { statements: [customers], requires: ['c-0001', 'a-0001'] },
        ]),
      ],
      code: 'missing-requirement',
      details: {
        missing: ['a-0001', 'b-0003', 'c-0001'],
        requiredBy: [
          { patch: 'shop-0001', missing: ['a-0001', 'b-0003'] },
          { patch: 'shop-0002', missing: ['c-0001', 'a-0001'] },
        ],
      },
    },
    {
      name: 'when the new patch excludes an applied one',
      before: [component('old', [['CREATE TABLE old_t (x)']])],
      after: [shop([{ statements: [orders], conflicts: ['old-0001'] }])],
      code: 'conflicting-patch',
      details: { pairs: ['old-0001 and shop-0001'] },
    },
    {
      name: 'when an applied patch excludes the new one',
      before: [component('old', [{ statements: ['CREATE TABLE old_t (x)'], conflicts: ['shop-0001'] }])],
      after: [shop([[orders]])],
      code: 'conflicting-patch',
      details: { pairs: ['old-0001 and shop-0001'] },
    },
    {
      name: 'when two new patches exclude each other',
      before: [],
      after: [
        shop([[orders]]),
        component('old', [{ statements: ['CREATE TABLE old_t (x)'], conflicts: ['shop-0001'] }]),
      ],
      code: 'conflicting-patch',
      details: { pairs: ['old-0001 and shop-0001'] },
    },
    {
      name: 'when an applied patch excluded the new one and the app no longer says so',
      before: [component('old', [{ statements: ['CREATE TABLE old_t (x)'], conflicts: ['shop-0001'] }])],
      after: [component('old', [['CREATE TABLE old_t (x)']]), shop([[orders]])],
      code: 'conflicting-patch',
      details: { pairs: ['old-0001 and shop-0001'] },
    },
    {
      name: 'when the app now says that two applied patches exclude each other',
      before: [component('old', [['CREATE TABLE old_t (x)']]), shop([[orders]])],
      after: [
        component('old', [{ statements: ['CREATE TABLE old_t (x)'], conflicts: ['shop-0001'] }]),
        shop([[orders]]),
      ],
      code: 'conflicting-patch',
      details: { pairs: ['old-0001 and shop-0001'] },
    },
    {
      name: 'when an applied patch was given set-up, which nothing would register',
      before: [shop([[orders]])],
      after: [shop([{ statements: [orders], setUp: [{ name: 'late', action: 'master', statements: () => [] }] }])],
      code: 'schema-drift',
      details: { patch: 'shop-0001', setUp: ['late'] },
    },
  ])('$name', async ({ before, after, code, details }) => {
    expect(await refused(engine, before, after)).toMatchObject({ code, details })
  })

  test('when a patch is missing between two that are applied', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([shop([[orders], [customers]])])
    await opened.run("DELETE FROM selfsame_ledger WHERE name = 'shop-0001'")
    const report = await opened.launch(two)
    expect(report).toMatchObject({
      outcome: 'refused',
      error: { code: 'schema-drift', details: { patches: ['shop-0001'] } },
    })
  })

  test.each([{ hold: ['shop-0009'] }, { to: 'shop-0009' }, { hold: ['nonsense'] }])(
    'when the app wants %j, which is not there',
    async (options) => {
      expect(await refused(engine, [], two, options)).toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/shop-0009|nonsense/),
      })
    },
  )
})

describe('A launch goes on', () => {
  test('where a newer patch lets this reader in', async () => {
    opened = await openDatabase()
    await opened.migrate([shop([[orders], { statements: [customers], minReader: 'shop-0001' }])])
    expect(await opened.launch([shop([[orders]])])).toMatchObject({ outcome: 'current', applied: [] })
  })

  test('with rows of components that it does not name, whatever they say', async () => {
    opened = await openDatabase()
    await opened.migrate([component('old', [{ statements: ['CREATE TABLE old_t (x)'], requires: [] }])])
    expect(await opened.migrate([shop([[orders]])])).toMatchObject({ applied: ['shop-0001'] })
    expect(await opened.launch([])).toMatchObject({ outcome: 'current' })
  })

  test.each([
    ['a comment', `-- new\n${orders} /* this too */`],
    ['line ends and blanks', orders.replaceAll(' ', ' \r\n  ')],
    ['trailing blanks and a semicolon', `${orders}  ;\n\n`],
  ])('where an applied patch differs in %s alone', async (_, text) => {
    opened = await openDatabase()
    await opened.migrate([shop([[orders]])])
    expect(await opened.launch([shop([[text]])])).toMatchObject({ outcome: 'current' })
  })

  test.each([
    ['a literal', "INSERT INTO shop_orders VALUES (1, 'a -- b')", "INSERT INTO shop_orders VALUES (1, 'a')"],
    ['blanks in a literal', "INSERT INTO shop_orders VALUES (1, 'a b')", "INSERT INTO shop_orders VALUES (1, 'a  b')"],
  ])('only where %s is the same', async (_, one, other) => {
    opened = await openDatabase()
    await opened.migrate([shop([[orders, one]])])
    expect(await opened.launch([shop([[orders, other]])])).toMatchObject({ error: { code: 'schema-drift' } })
  })

  test('with a requirement that a component it does not name has met', async () => {
    opened = await openDatabase()
    await opened.migrate([component('base', [['CREATE TABLE base_t (x)']])])
    expect(await opened.migrate([shop([{ statements: [orders], requires: ['base-0001'] }])])).toMatchObject({
      applied: ['shop-0001'],
    })
  })
})

describe('Holding', () => {
  const base = component('base', [['CREATE TABLE base_t (x)'], ['CREATE TABLE base_u (x)']])
  const dependent = shop([[orders], { statements: [customers], requires: ['base-0002'] }, ['CREATE TABLE shop_t (x)']])

  test.each<[LaunchOptions, string[], string[]]>([
    [{}, ['base-0001', 'base-0002', 'shop-0001', 'shop-0002', 'shop-0003'], []],
    [{ hold: ['base-0002'] }, ['base-0001', 'shop-0001'], ['base-0002', 'shop-0002', 'shop-0003']],
    [{ hold: ['shop-0001'] }, ['base-0001', 'base-0002'], ['shop-0001', 'shop-0002', 'shop-0003']],
    [{ to: 'base-0001' }, ['base-0001', 'shop-0001'], ['base-0002', 'shop-0002', 'shop-0003']],
    [{ to: 'shop-0002' }, ['base-0001', 'base-0002', 'shop-0001', 'shop-0002'], ['shop-0003']],
    [{ to: 'shop-0002', hold: ['base-0002'] }, ['base-0001', 'shop-0001'], ['base-0002', 'shop-0002', 'shop-0003']],
    [{ hold: ['base-0001', 'shop-0001'] }, [], ['base-0001', 'base-0002', 'shop-0001', 'shop-0002', 'shop-0003']],
  ])('%j', async (options, applied, held) => {
    opened = await openDatabase()
    const report = await opened.migrate([dependent, base], options)
    expect({ applied: report.applied.toSorted(), held: report.held.toSorted() }).toEqual({ applied, held })
    expect(await opened.launch([dependent, base], options)).toMatchObject({ outcome: 'current', applied: [] })
    const rest = await opened.migrate([dependent, base])
    expect([...report.applied, ...rest.applied].toSorted()).toEqual([...applied, ...held].toSorted())
  })

  test('an applied patch undoes nothing and says nothing', async () => {
    opened = await openDatabase()
    await opened.migrate([base])
    expect(await opened.launch([base], { hold: ['base-0001'] })).toMatchObject({ outcome: 'current', held: [] })
  })

  test('by what is in the database reaches everything that follows, launch after launch', async () => {
    opened = await openDatabase()
    const waiting = component('base', [
      ['CREATE TABLE base_t (x)'],
      { statements: ['CREATE TABLE base_u (x)'], waitsFor: async () => ['not yet'] },
    ])
    const report = await opened.migrate([dependent, waiting])
    expect(report).toMatchObject({ applied: ['shop-0001', 'base-0001'], warnings: ['base-0002 waits: not yet'] })
    expect(report.held.toSorted()).toEqual(['base-0002', 'shop-0002', 'shop-0003'])
    const second = await opened.launch([dependent, waiting])
    expect(second).toMatchObject({ outcome: 'current', applied: [], backup: null })
    expect(second.held.toSorted()).toEqual(['base-0002', 'shop-0002', 'shop-0003'])
  })
})
