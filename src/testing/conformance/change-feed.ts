import type { Database } from '../../db/database.ts'
import { expectEqual } from './expectations.ts'
import { databaseTest, type ConformanceTest } from './conformance-test.ts'

const schema = [
  'CREATE TABLE parent (id INTEGER PRIMARY KEY, name)',
  'CREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE, n)',
  'CREATE TABLE log (n)',
  'CREATE INDEX by_n ON child (n)',
  'CREATE TRIGGER noted AFTER INSERT ON child BEGIN INSERT INTO log VALUES (new.n); END',
  'CREATE VIEW seen AS SELECT id FROM parent',
  'CREATE TRIGGER through INSTEAD OF INSERT ON seen BEGIN INSERT INTO parent (id) VALUES (new.id); END',
  'CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID',
  'INSERT INTO parent VALUES (1, 1)',
].map((text) => ({ text }))

/** What the feed says of each of `work`'s commits, the tables in alphabetical order. */
async function changesDuring(db: Database, work: () => Promise<unknown>): Promise<string[][]> {
  const heard: string[][] = []
  const stop = db.onChange(({ tables }) => heard.push(tables.toSorted()))
  try {
    await work()
  } finally {
    stop()
  }
  return heard
}

const written: readonly (readonly [text: string, ...tables: string[]])[] = [
  ['INSERT INTO parent VALUES (2, 2)', 'parent'],
  ['INSERT INTO child VALUES (1, 2)', 'child', 'log'],
  ['UPDATE child SET n = 3', 'child'],
  ['UPDATE parent SET name = 3', 'parent'],
  ['DELETE FROM parent', 'child', 'parent'],
  ['DELETE FROM child', 'child'],
  ['INSERT INTO seen VALUES (5)', 'parent'],
  ['WITH new (a) AS (SELECT 1) INSERT INTO child SELECT a, a FROM new', 'child', 'log'],
  ["INSERT INTO keyed VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET v = 2", 'keyed'],
  ['UPDATE parent SET name = 4 RETURNING name', 'parent'],
  ['CREATE TABLE another (n)', 'sqlite_schema'],
]

export const changeFeedTests: readonly ConformanceTest[] = [
  ...written.map(([text, ...tables]) =>
    databaseTest(`changes heard: ${text} tells of ${tables.join(' and ')}`, async (db) => {
      await db.batch(schema)
      expectEqual(await changesDuring(db, () => db.execute({ text })), [tables])
    }),
  ),
  databaseTest('changes heard: reading tells nothing', async (db) => {
    await db.batch(schema)
    const heard = await changesDuring(db, async () => {
      await db.query({ text: 'SELECT * FROM child' })
      await db.query({ text: 'WITH a AS (SELECT * FROM parent) SELECT * FROM a' })
      await db.query({ text: 'PRAGMA table_info(parent)' })
      await db.query({ text: 'EXPLAIN DELETE FROM parent' })
    })
    expectEqual(heard, [])
  }),
  databaseTest('changes heard: a transaction tells once, after its commit', async (db) => {
    await db.batch(schema)
    let committed = false
    const heard = await changesDuring(db, async () => {
      await db.transaction(async (tx) => {
        await tx.execute({ text: 'INSERT INTO parent VALUES (2, 2)' })
        await tx.execute({ text: 'INSERT INTO child VALUES (2, 2)' })
        await tx.execute({ text: 'INSERT INTO child VALUES (2, 3)' })
      })
      committed = true
    })
    expectEqual([heard, committed], [[['child', 'log', 'parent']], true])
  }),
  databaseTest('changes heard: what is rolled back tells nothing', async (db) => {
    await db.batch(schema)
    const heard = await changesDuring(db, async () => {
      await db
        .transaction(async (tx) => {
          await tx.execute({ text: 'INSERT INTO parent VALUES (2, 2)' })
          throw new Error('undone')
        })
        .catch(() => undefined)
      await db.batch([{ text: 'DELETE FROM child' }, { text: 'SELECT * FROM nowhere' }]).catch(() => undefined)
    })
    expectEqual(heard, [])
  }),
  databaseTest('changes heard: a trigger made later counts from then on', async (db) => {
    await db.batch(schema)
    const insert = { text: 'INSERT INTO parent (name) VALUES (1)' }
    await db.execute(insert)
    await db.execute({
      text: 'CREATE TRIGGER late AFTER INSERT ON parent BEGIN INSERT INTO keyed VALUES (new.id, 1); END',
    })
    expectEqual(await changesDuring(db, () => db.execute(insert)), [['keyed', 'parent']])
    await db.execute({ text: 'DROP TRIGGER late' })
    expectEqual(await changesDuring(db, () => db.execute(insert)), [['parent']])
  }),
  databaseTest('changes heard: a trigger whose making was rolled back does not count', async (db) => {
    await db.batch(schema)
    const insert = { text: 'INSERT INTO parent (name) VALUES (1)' }
    const makeTrigger = (table: string) => ({
      text: `CREATE TRIGGER late AFTER INSERT ON parent BEGIN INSERT INTO ${table} (rowid) VALUES (NULL); END`,
    })
    await db
      .transaction(async (tx) => {
        await tx.execute(makeTrigger('log'))
        await tx.execute(insert)
        throw new Error('undone')
      })
      .catch(() => undefined)
    expectEqual(await changesDuring(db, () => db.execute(insert)), [['parent']])
    await db.execute(makeTrigger('child'))
    expectEqual(await changesDuring(db, () => db.execute(insert)), [['child', 'log', 'parent']])
  }),
  databaseTest('changes heard: what a foreign key does counts only while foreign keys are on', async (db) => {
    await db.batch(schema)
    const remove = { text: 'DELETE FROM parent WHERE id = 1' }
    for (const [state, ...tables] of [
      ['OFF', 'parent'],
      ['ON', 'child', 'parent'],
      ['OFF', 'parent'],
    ]) {
      await db.execute({ text: `PRAGMA foreign_keys = ${state}` })
      expectEqual(await changesDuring(db, () => db.execute(remove)), [tables], state)
    }
  }),
  databaseTest('changes heard: a listener may use the database', async (db) => {
    await db.batch(schema)
    let read: Promise<unknown> = Promise.resolve()
    const stop = db.onChange(() => {
      read = db.query({ text: 'SELECT count(*) AS n FROM parent' })
    })
    await db.transaction((tx) => tx.execute({ text: 'INSERT INTO parent VALUES (2, 2)' }))
    stop()
    expectEqual(await read, [{ n: 2 }])
  }),
]
