import { describe, expect, it } from 'vitest'
import type { Component, SetUpArguments } from '../../../../src/db/migration/component.ts'
import { defineComponent } from '../../../../src/db/migration/define-component.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { Database } from '../../../../src/db/database.ts'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import { sql } from '../../../../src/db/sql.ts'

const shards = (args: SetUpArguments) =>
  Array.from({ length: Number(args.partitions) }, (_, index) => `deposits_${index}`)

// Seed 2's master table on SQLite: how many tables hold the deposits is known only when the database is set up.
const exchange = defineComponent({
  name: 'exchange',
  patches: [
    {
      name: 'exchange-0001',
      statements: ['CREATE TABLE coins (id INTEGER PRIMARY KEY)'],
      setUp: [
        {
          name: 'deposits',
          action: 'create',
          statements: (args) =>
            shards(args).map((name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, coin INTEGER)`),
        },
        {
          name: 'deposits-foreign',
          action: 'foreign',
          when: (args) => args.partitions === null,
          statements: () => ['CREATE TABLE deposits (id INTEGER PRIMARY KEY, coin INTEGER REFERENCES coins (id))'],
        },
      ],
    },
    {
      name: 'exchange-0002',
      statements: ['CREATE TABLE refunds (id INTEGER PRIMARY KEY)'],
      setUp: [
        {
          name: 'all-deposits',
          action: 'master',
          statements: (args) => [
            `CREATE VIEW all_deposits AS ${shards(args)
              .map((name) => `SELECT * FROM ${name}`)
              .join(' UNION ALL ')}`,
          ],
        },
      ],
    },
  ],
})

async function open(component: Component = exchange) {
  const driver = nodeDriver({ filename: ':memory:' })
  const connection = await driver.open()
  const migrator = new Migrator({ driver, connection }, [component])
  const db = new Database(connection)
  const tables = async () =>
    (
      await db.query<{ name: string }>(sql`SELECT name FROM sqlite_schema WHERE name GLOB '*deposits*' ORDER BY name`)
    ).map(({ name }) => name)
  return { migrator, db, tables }
}

describe('deferred set-up', () => {
  it('waits for its arguments when the patch is applied', async () => {
    const { migrator, tables } = await open()
    expect((await migrator.launch()).outcome).toBe('migrated')
    expect(await tables()).toEqual([])
  })

  it('runs in the order of registration and leaves what does not apply', async () => {
    const { migrator, tables } = await open()
    await migrator.launch()
    expect(await migrator.setUp({ partitions: 3 })).toEqual({
      finished: ['exchange-0001/deposits', 'exchange-0002/all-deposits'],
      waiting: ['exchange-0001/deposits-foreign'],
      backup: null,
    })
    expect(await tables()).toEqual(['all_deposits', 'deposits_0', 'deposits_1', 'deposits_2'])
  })

  it('runs nothing twice', async () => {
    const { migrator } = await open()
    await migrator.launch()
    await migrator.setUp({ partitions: 2 })
    expect((await migrator.setUp({ partitions: 2 })).finished).toEqual([])
  })

  it('records when it was finished and with what', async () => {
    const { migrator, db } = await open()
    await migrator.launch()
    await migrator.setUp({ partitions: 1 })
    const rows = await db.query(
      sql`SELECT name, action, finished_at IS NOT NULL AS finished, arguments FROM selfsame_set_up ORDER BY serial`,
    )
    expect(rows).toEqual([
      { name: 'deposits', action: 'create', finished: 1, arguments: '{"partitions":1}' },
      { name: 'deposits-foreign', action: 'foreign', finished: 0, arguments: null },
      { name: 'all-deposits', action: 'master', finished: 1, arguments: '{"partitions":1}' },
    ])
  })

  it('undoes a step that fails', async () => {
    const { migrator, db, tables } = await open()
    await migrator.launch()
    await db.execute(sql`CREATE TABLE deposits_1 (id)`)
    await expect(migrator.setUp({ partitions: 2 })).rejects.toMatchObject({ code: 'patch-failed' })
    expect(await tables()).toEqual(['deposits_1'])
  })

  it('is refused when the app no longer has a registered step', async () => {
    const { migrator, db } = await open()
    await migrator.launch()
    await db.execute(sql`UPDATE selfsame_set_up SET name = 'gone' WHERE name = 'deposits'`)
    await expect(migrator.setUp({ partitions: 2 })).rejects.toMatchObject({ code: 'schema-drift' })
  })
})
