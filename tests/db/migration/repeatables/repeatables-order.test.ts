import { afterEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { component, customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const views = () => opened.list("SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name")
const created = () => opened.list('SELECT name FROM selfsame_repeatables ORDER BY rowid')

/** The texts of the statements that begin with this word, in order, of everything that runs from now on. */
function textsThat(begin: string): string[] {
  const texts: string[] = []
  const reserve = opened.connection.reserve
  Object.assign(opened.connection, {
    reserve: async () => {
      const session = await reserve.call(opened.connection)
      return {
        release: () => session.release(),
        run: (...parameters: Parameters<typeof session.run>) => {
          texts.push(...parameters[0].map(({ text }) => text).filter((text) => text.startsWith(begin)))
          return session.run(...parameters)
        },
      }
    },
  })
  return texts
}

const base = component('base', [['CREATE TABLE base_t (x)']], {
  repeatables: ['CREATE VIEW xs AS SELECT x FROM base_t'],
})
const user = component('user', [{ requires: ['base-0001'], statements: ['CREATE TABLE user_t (y)'] }], {
  repeatables: ['CREATE VIEW ys AS SELECT x, y FROM user_t, xs'],
})

describe.each(engines)('Repeatables on %s', (engine) => {
  test('of a component are created after those of the component it requires, whichever is named first', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([user, base])
    expect(await created()).toEqual(['xs', 'ys'])
  })

  test('are dropped in the reverse order, though one was created anew since', async () => {
    opened = await openDatabase(engine)
    await opened.migrate([user, base])
    const newer = { ...base, repeatables: ['CREATE VIEW xs AS SELECT x FROM base_t WHERE x > 0'] }
    await opened.migrate([user, newer])
    expect(await created()).toEqual(['ys', 'xs'])
    const texts = textsThat('DROP')
    await opened.migrate([user, { ...newer, patches: [...base.patches, { name: 'base-0002', statements: [orders] }] }])
    expect(texts).toEqual(['DROP view IF EXISTS "ys"', 'DROP view IF EXISTS "xs"'])
  })

  test('may use one that is written after them', async () => {
    opened = await openDatabase(engine)
    const repeatables = [
      'CREATE VIEW big AS SELECT item FROM named WHERE length(item) > 3',
      'CREATE TRIGGER put INSTEAD OF INSERT ON named BEGIN INSERT INTO shop_orders (item) VALUES (NEW.item); END',
      'CREATE VIEW named AS SELECT item FROM shop_orders',
    ]
    await opened.migrate([shop([[orders]], { repeatables })])
    await opened.run("INSERT INTO named VALUES ('kettle'), ('pot')")
    expect(await opened.list('SELECT item FROM big')).toEqual(['kettle'])
    expect(await opened.launch([shop([[orders]], { repeatables })])).toMatchObject({ outcome: 'current' })
  })

  test('that use what is nowhere fail by name, with the reason, and nothing is there', async () => {
    opened = await openDatabase(engine)
    const repeatables = [
      'CREATE VIEW big AS SELECT item FROM named',
      'CREATE VIEW fine AS SELECT item FROM shop_orders',
    ]
    expect(await opened.launch([shop([[orders]], { repeatables })])).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'patch-failed',
        message: expect.stringMatching(/view big could not be created: no such table: main\.named/),
        details: { component: 'shop', name: 'big' },
      },
    })
    expect(await opened.list('SELECT name FROM sqlite_schema')).toEqual([])
  })

  test('that use one which waits wait with it, in another component too', async () => {
    opened = await openDatabase(engine)
    const waiting = shop([[orders], [customers]], {
      repeatables: ['CREATE VIEW names AS SELECT name FROM shop_customers'],
    })
    const user = component('user', [{ requires: ['shop-0001'], statements: ['CREATE TABLE user_t (y)'] }], {
      repeatables: ['CREATE VIEW greetings AS SELECT name FROM names'],
    })
    const hold = { hold: ['shop-0002'] }
    expect(await opened.launch([user, waiting], hold)).toMatchObject({
      outcome: 'migrated',
      warnings: [expect.stringContaining('names'), expect.stringContaining('greetings')],
    })
    expect(await opened.launch([user, waiting], hold)).toMatchObject({ outcome: 'current' })
    await opened.migrate([user, waiting])
    expect(await views()).toEqual(['greetings', 'names'])
  })

  test('are each tried once, although they are written from the last to the first', async () => {
    opened = await openDatabase(engine)
    const chain = Array.from({ length: 12 }, (_, at) => `CREATE VIEW v${at} AS SELECT item FROM v${at + 1}`)
    const texts = textsThat('CREATE VIEW')
    await opened.migrate([
      shop([[orders]], { repeatables: [...chain, 'CREATE VIEW v12 AS SELECT item FROM shop_orders'] }),
    ])
    expect(texts).toHaveLength(13)
  })

  test('go with their component, last created first', async () => {
    opened = await openDatabase(engine)
    const repeatables = [
      'CREATE VIEW big AS SELECT item FROM named',
      'CREATE VIEW named AS SELECT item FROM shop_orders',
    ]
    const components = [shop([[orders]], { repeatables })]
    await opened.migrate(components)
    await new Migrator(opened, components).drop('shop')
    expect(await views()).toEqual([])
  })
})
