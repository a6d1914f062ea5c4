import { describe, expect, test } from 'vitest'
import { Database } from '../../../src/db/database.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { Component, Patch } from '../../../src/db/migration/component.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import type { MigrationOptions } from '../../../src/db/migration/migrator-types.ts'
import { sql } from '../../../src/db/sql.ts'

async function open() {
  const driver = nodeDriver({ filename: ':memory:' })
  const connection = await driver.open()
  const migrator = (components: readonly Component[], options?: MigrationOptions) =>
    new Migrator({ driver, connection }, components, options)
  return { db: new Database(connection), migrator }
}

const shop = (...patches: Omit<Patch, 'name'>[]) =>
  defineComponent({
    name: 'shop',
    patches: patches.map((patch, index) => ({ ...patch, name: `shop-000${index + 1}` })),
  })

describe('what is not the component’s is not taken away', () => {
  test('by drop: a table of the same name that somebody else made later', async () => {
    const { db, migrator } = await open()
    const component = shop({ statements: ['CREATE TABLE notes (x)'] }, { statements: ['DROP TABLE notes'] })
    await migrator([component]).launch()
    await db.execute(sql`CREATE TABLE notes (mine)`)
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT mine FROM notes`)).toEqual([])
  })

  test('by drop: the user’s table under the name a patch gave it', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE mine (x)`)
    await db.execute(sql`INSERT INTO mine VALUES (1)`)
    const component = shop({ statements: ['ALTER TABLE mine RENAME TO ours'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT x FROM ours`)).toEqual([{ x: 1 }])
  })

  test('by drop: the user’s table that a patch moved out of the way of one of its own', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE notes (x)`)
    await db.execute(sql`INSERT INTO notes VALUES (1)`)
    const component = shop({ statements: ['ALTER TABLE notes RENAME TO old_notes', 'CREATE TABLE notes (y)'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT x FROM old_notes`)).toEqual([{ x: 1 }])
  })

  test('by drop: the user’s table built anew by hand, on whose page another table lies by now', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE notes (x)`)
    await db.execute(sql`INSERT INTO notes VALUES (1)`)
    const anew = ['CREATE TABLE n (x, y)', 'INSERT INTO n SELECT x, 0 FROM notes', 'DROP TABLE notes']
    const component = shop({
      statements: [...anew, 'ALTER TABLE n RENAME TO notes', 'CREATE TABLE notes_log (x, at)'],
    })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT x FROM notes`)).toEqual([{ x: 1 }])
  })

  const copied = ['CREATE TABLE away AS SELECT * FROM notes', 'DROP TABLE notes']
  test.each([
    ['renamed, as one of its columns was', ['ALTER TABLE notes RENAME TO away', 'ALTER TABLE away RENAME x TO z']],
    ['renamed, without one of its columns', ['ALTER TABLE notes RENAME TO away', 'ALTER TABLE away DROP COLUMN y']],
    ['copied', copied],
    ['copied, while another like it lies where it was', [...copied, 'CREATE TABLE other (x, y)']],
    [
      'renamed, copied and dropped',
      ['ALTER TABLE notes RENAME TO n', 'CREATE TABLE away AS SELECT * FROM n', 'DROP TABLE n'],
    ],
    ['put where one of the component’s was', ['DROP TABLE own', 'ALTER TABLE notes RENAME TO own']],
  ])('by drop: the user’s rows, whose table was %s', async (_, statements) => {
    for (const last of [[], ['CREATE TABLE notes (w)']]) {
      const { db, migrator } = await open()
      await db.execute(sql`CREATE TABLE notes (x, y)`)
      await db.execute(sql`INSERT INTO notes VALUES (1, 2)`)
      const component = shop({ statements: ['CREATE TABLE own (z)'] }, { statements: [...statements, ...last] })
      expect((await migrator([component]).launch()).outcome).toBe('migrated')
      await migrator([component]).drop('shop')
      const rows = async (table: string) => (await db.query({ text: `SELECT * FROM ${table}` })).length
      expect(await rows(statements.at(-1)!.endsWith('own') ? 'own' : 'away')).toBe(1)
    }
  })

  test.each([
    ['copied', ['DROP TABLE notes']],
    ['built anew by hand', ['DROP TABLE notes', 'ALTER TABLE away RENAME TO notes']],
  ])('by drop: the user’s rows, whose table was %s in pieces', async (_, rest) => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE notes (x)`)
    await db.execute(sql`INSERT INTO notes VALUES (1)`)
    const pieces = { code: 'copies', next: async () => null }
    const component = shop({ statements: ['CREATE TABLE away AS SELECT * FROM notes', pieces, ...rest] })
    expect((await migrator([component]).launch()).outcome).toBe('migrated')
    await migrator([component]).drop('shop')
    expect(await db.query({ text: `SELECT x FROM ${rest.length === 1 ? 'away' : 'notes'}` })).toEqual([{ x: 1 }])
  })

  test('by drop: but the component’s own table goes, built anew in pieces', async () => {
    const { db, migrator } = await open()
    const pieces = { code: 'copies', next: async () => null }
    const anew = ['CREATE TABLE n (x, y)', pieces, 'DROP TABLE own', 'ALTER TABLE n RENAME TO own']
    const component = shop({ statements: ['CREATE TABLE own (x)'] }, { statements: [...anew, 'CREATE TABLE more (x)'] })
    expect((await migrator([component]).launch()).outcome).toBe('migrated')
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name NOT GLOB '*_*'`)).toEqual([])
  })

  test('by drop: but the component’s own table goes, built anew by hand as the user’s was or moved out of its way', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE notes (x)`)
    const anew = (table: string) => [
      ...[`CREATE TABLE n (x)`, `INSERT INTO n SELECT x FROM ${table}`, `DROP TABLE ${table}`],
      `ALTER TABLE n RENAME TO ${table}`,
    ]
    const component = shop(
      { statements: ['CREATE TABLE own (x)'] },
      { statements: [...anew('own'), ...anew('notes')] },
      {
        statements: [
          'ALTER TABLE own RENAME TO old',
          'CREATE TABLE own (y)',
          'CREATE VIRTUAL TABLE words USING fts5 (w)',
        ],
      },
      { statements: [...anew('own').map((text) => text.replaceAll('x', 'y')), 'CREATE TABLE later (x)'] },
    )
    expect((await migrator([component]).launch()).outcome).toBe('migrated')
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name NOT GLOB '*_*'`)).toEqual([{ name: 'notes' }])
  })

  test('by drop: but the component’s own table goes where the user has a virtual one', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE VIRTUAL TABLE mine USING fts5 (w)`)
    const component = shop({ statements: ['ALTER TABLE mine RENAME TO words', 'CREATE TABLE own (x)'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name IN ('own', 'words')`)).toEqual([
      { name: 'words' },
    ])
  })

  test('by drop: a table of the user’s under the name of one that a rollback took away again', async () => {
    const { db, migrator } = await open()
    const patches = shop(
      { statements: ['CREATE TABLE a (x)'] },
      { statements: ['CREATE TABLE b (x)'], revert: ['DROP TABLE b'] },
    )
    const baseline = { through: 'shop-0002', statements: ['CREATE TABLE a (x)', 'CREATE TABLE b (x)'] }
    const component = defineComponent({ ...patches, baseline })
    await migrator([component]).launch()
    await migrator([component]).rollback({ to: 'shop-0001' })
    await db.execute(sql`CREATE TABLE b (mine)`)
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT mine FROM b`)).toEqual([])
  })

  test.each([
    ['made again', { statements: ['DROP TABLE x'], revert: ['CREATE TABLE x (id)'] }],
    ['renamed back', { statements: ['ALTER TABLE x RENAME TO y'], revert: ['ALTER TABLE y RENAME TO x'] }],
  ])('but what a rollback has %s is the component’s, and goes', async (_, second) => {
    const { db, migrator } = await open()
    const component = shop({ statements: ['CREATE TABLE x (id)'] }, second)
    await migrator([component]).launch()
    await migrator([component]).rollback({ to: 'shop-0001' })
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name IN ('x', 'y')`)).toEqual([])
    expect((await migrator([component]).launch()).outcome).toBe('migrated')
  })

  test('by drop: but the component’s own table that came with it goes', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE mine (x)`)
    const component = shop({ statements: ['ALTER TABLE mine RENAME TO ours', 'CREATE TABLE own (y)'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name IN ('ours', 'own')`)).toEqual([
      { name: 'ours' },
    ])
  })

  test('by drop: the user’s rows in a table they were copied to, whichever it is', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE mine (x)`)
    await db.execute(sql`INSERT INTO mine VALUES (1)`)
    const component = shop({ statements: ['CREATE TABLE ours AS SELECT x FROM mine', 'DROP TABLE mine'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT x FROM ours`)).toEqual([{ x: 1 }])
  })

  test('by drop: but the component’s own table under its later name goes', async () => {
    const { db, migrator } = await open()
    const component = shop({ statements: ['CREATE TABLE a (x)'] }, { statements: ['ALTER TABLE a RENAME TO b'] })
    await migrator([component]).launch()
    await migrator([component]).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name IN ('a', 'b')`)).toEqual([])
  })

  test('by rollback: a table that was adopted', async () => {
    const { db, migrator } = await open()
    await db.execute(sql`CREATE TABLE people (x)`)
    const component = shop({
      present: "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'people')",
      statements: ['CREATE TABLE people (x)'],
      revert: ['DROP TABLE people'],
    })
    expect((await migrator([component]).launch()).adopted).toEqual(['shop-0001'])
    expect((await migrator([component]).rollback()).reverted).toEqual([])
    expect(await db.query(sql`SELECT x FROM people`)).toEqual([])
  })
})

describe('a patch that is half done', () => {
  const begun = (code: string, failsAt: number) =>
    shop(
      {
        statements: ['CREATE TABLE rows (id INTEGER PRIMARY KEY, done)', 'INSERT INTO rows (id) VALUES (1), (2), (3)'],
        revert: ['DROP TABLE rows'],
      },
      {
        statements: [
          {
            code,
            async next(tx, cursor) {
              const id = Number(cursor ?? 0) + 1
              if (id === failsAt) throw new Error('cut off')
              await tx.execute(sql`UPDATE rows SET done = 1 WHERE id = ${id}`)
              return id === 3 ? null : String(id)
            },
          },
        ],
      },
    )

  test('is not dropped or rolled back', async () => {
    const { migrator } = await open()
    expect((await migrator([begun('fills', 3)]).launch()).outcome).toBe('failed')
    await expect(migrator([begun('fills', 3)]).drop('shop')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(migrator([begun('fills', 3)]).rollback()).rejects.toMatchObject({ code: 'unsupported' })
    expect((await migrator([begun('fills', 0)]).launch()).outcome).toBe('migrated')
  })

  test('is too new for an app that does not know it', async () => {
    const { migrator } = await open()
    await migrator([begun('fills', 3)]).launch()
    const older = { ...begun('fills', 0), patches: begun('fills', 0).patches.slice(0, 1) }
    expect(await migrator([older]).launch()).toMatchObject({ outcome: 'refused', error: { code: 'schema-too-new' } })
  })

  test('is drift when it was changed since', async () => {
    const { migrator } = await open()
    await migrator([begun('fills', 3)]).launch()
    expect(await migrator([begun('fills otherwise', 0)]).launch()).toMatchObject({
      outcome: 'refused',
      error: { code: 'schema-drift' },
    })
  })

  test('is finished although it is held', async () => {
    const { db, migrator } = await open()
    await migrator([begun('fills', 3)]).launch()
    expect((await migrator([begun('fills', 0)], { hold: ['shop-0002'] }).launch()).applied).toEqual(['shop-0002'])
    expect(await db.query(sql`SELECT id FROM rows WHERE done IS NULL`)).toEqual([])
  })
})

describe('baselines', () => {
  const based = (name: string, requires: string[] = []) =>
    defineComponent({
      name,
      patches: [{ name: `${name}-0001`, requires, statements: [`CREATE TABLE ${name} (x)`] }],
      baseline: { through: `${name}-0001`, statements: [`CREATE TABLE ${name} (x)`] },
    })
  const outcomes = (db: Database) => db.query(sql`SELECT name, outcome FROM selfsame_ledger ORDER BY name`)

  test('are used by every component of a fresh database', async () => {
    const { db, migrator } = await open()
    await migrator([based('a'), based('b', ['a-0001'])]).launch()
    expect(await outcomes(db)).toEqual([
      { name: 'a-0001', outcome: 'baseline' },
      { name: 'b-0001', outcome: 'baseline' },
    ])
  })

  test('wait for what they require: a component behind one without a baseline is replayed', async () => {
    const { db, migrator } = await open()
    const plain = defineComponent({ name: 'a', patches: [{ name: 'a-0001', statements: ['CREATE TABLE a (x)'] }] })
    expect((await migrator([plain, based('b', ['a-0001'])]).launch()).outcome).toBe('migrated')
    expect(await outcomes(db)).toEqual([
      { name: 'a-0001', outcome: 'applied' },
      { name: 'b-0001', outcome: 'applied' },
    ])
  })

  test('leave no row without its parent', async () => {
    const { migrator } = await open()
    const orphaning = defineComponent({
      name: 'a',
      patches: [{ name: 'a-0001', statements: ['CREATE TABLE a (id INTEGER PRIMARY KEY)'] }],
      baseline: {
        through: 'a-0001',
        statements: [
          'CREATE TABLE a (id INTEGER PRIMARY KEY)',
          'CREATE TABLE c (a REFERENCES a (id))',
          'INSERT INTO c VALUES (7)',
        ],
      },
    })
    expect(await migrator([orphaning]).launch()).toMatchObject({ error: { code: 'foreign-key-violation' } })
  })
})

test.each([
  'PRAGMA ignore_check_constraints = ON',
  'PRAGMA "writable_schema" = ON',
  'PRAGMA locking_mode = EXCLUSIVE',
  'PRAGMA query_only = ON',
])('a patch may not say %s', (statement) => {
  expect(() => shop({ statements: [statement] })).toThrow(expect.objectContaining({ code: 'unsupported' }))
})

test('a message hides the values that SQLite quotes', async () => {
  const { db } = await open()
  const failed = db.query(sql`SELECT json_extract('{}', ${'my secret word'})`)
  await expect(failed).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }))
})
