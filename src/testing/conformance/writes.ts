import { expectEqual } from './expectations.ts'
import { connectionTest, databaseTest, run, runAll, type ConformanceTest } from './conformance-test.ts'

export const writeTests: readonly ConformanceTest[] = [
  connectionTest('changes: each write counts its own rows', async (connection) => {
    await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)')
    const results = await runAll(connection, [
      'INSERT INTO a (n) VALUES (1), (2), (3)',
      'UPDATE a SET n = n + 1 WHERE n > 1',
      'UPDATE a SET n = 0 WHERE id = 99',
      'DELETE FROM a WHERE id = 1',
      'INSERT OR IGNORE INTO a (id) VALUES (2)',
      'DELETE FROM a',
    ])
    expectEqual(
      results.map(({ changes }) => changes),
      [3, 2, 0, 1, 0, 2],
    )
  }),
  connectionTest('changes: rows of triggers are not counted', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE a (n)',
      'CREATE TABLE log (n)',
      'CREATE TRIGGER noted AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.n); INSERT INTO log VALUES (new.n); END',
    ])
    expectEqual((await run(connection, 'INSERT INTO a VALUES (1), (2)')).changes, 2)
    expectEqual((await run(connection, 'SELECT count(*) FROM log')).rows, [[4]])
  }),
  connectionTest('changes: rows of a foreign key action are not counted', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE)',
      'INSERT INTO parent VALUES (1)',
      'INSERT INTO child VALUES (1), (1)',
    ])
    expectEqual((await run(connection, 'DELETE FROM parent')).changes, 1)
    expectEqual((await run(connection, 'SELECT count(*) FROM child')).rows, [[0]])
  }),
  connectionTest('changes: a statement that writes no row answers 0, whatever ran before it', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1), (2), (3)'])
    const texts = [
      'SELECT * FROM a',
      'CREATE TABLE b (n)',
      'CREATE TABLE c AS SELECT * FROM a',
      'CREATE INDEX by_n ON a (n)',
      'ALTER TABLE a ADD COLUMN m',
      'DROP TABLE a',
      'PRAGMA user_version = 3',
      'INSERT INTO b SELECT 1 WHERE 0',
    ]
    for (const text of texts) expectEqual((await run(connection, text)).changes, 0, text)
  }),
  connectionTest('changes: dropping a table whose rows others refer to answers 0', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (parent REFERENCES parent (id) ON DELETE CASCADE)',
      'INSERT INTO parent VALUES (1), (2)',
      'INSERT INTO child VALUES (1)',
    ])
    const { changes, tables } = await run(connection, 'DROP TABLE parent')
    expectEqual([changes, tables.toSorted()], [0, ['child', 'parent', 'sqlite_schema']])
  }),
  connectionTest('changes: an INSTEAD OF trigger answers none', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE a (n)',
      'CREATE VIEW seen AS SELECT n FROM a',
      'CREATE TRIGGER through INSTEAD OF INSERT ON seen BEGIN INSERT INTO a VALUES (new.n); END',
      'INSERT INTO a VALUES (0)',
    ])
    expectEqual((await run(connection, 'INSERT INTO seen VALUES (1), (2)')).changes, 0)
    expectEqual((await run(connection, 'SELECT count(*) FROM a')).rows, [[3]])
  }),
  connectionTest('lastInsertId: an INSERT answers the rowid it put in last', async (connection) => {
    await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)')
    expectEqual((await run(connection, 'INSERT INTO a (n) VALUES (1), (2)')).lastInsertId, 2)
    expectEqual((await run(connection, 'INSERT INTO a VALUES (70, 1)')).lastInsertId, 70)
    expectEqual((await run(connection, 'REPLACE INTO a VALUES (70, 2)')).lastInsertId, 70)
    expectEqual(
      (await run(connection, 'WITH next (n) AS (SELECT 5) INSERT INTO a (n) SELECT n FROM next')).lastInsertId,
      71,
    )
    expectEqual((await run(connection, 'INSERT INTO a VALUES (-4, 1)')).lastInsertId, -4)
  }),
  connectionTest('lastInsertId: it is exact beyond 2^53', async (connection) => {
    await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY)')
    const result = await run(connection, 'INSERT INTO a VALUES (?)', 2n ** 53n + 1n)
    expectEqual(result.lastInsertId, 2n ** 53n + 1n)
  }),
  connectionTest('lastInsertId: it is absent after everything that put no row in', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (id INTEGER PRIMARY KEY, n)', 'INSERT INTO a VALUES (1, 1)'])
    const texts = [
      'SELECT * FROM a',
      'UPDATE a SET n = 2',
      'INSERT OR IGNORE INTO a VALUES (1, 3)',
      'INSERT INTO a SELECT 5, 5 WHERE 0',
      'INSERT INTO a VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = 9',
      'CREATE TABLE b (n)',
      'DELETE FROM a',
    ]
    for (const text of texts) expectEqual((await run(connection, text)).lastInsertId, undefined, text)
  }),
  connectionTest('lastInsertId: a trigger that inserts elsewhere does not change it', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE a (id INTEGER PRIMARY KEY, n)',
      'CREATE TABLE log (id INTEGER PRIMARY KEY)',
      'CREATE TRIGGER noted AFTER INSERT ON a BEGIN INSERT INTO log VALUES (500); END',
      'CREATE TRIGGER dropped AFTER DELETE ON a BEGIN INSERT INTO log VALUES (600); END',
    ])
    expectEqual((await run(connection, 'INSERT INTO a (n) VALUES (1)')).lastInsertId, 1)
    expectEqual((await run(connection, 'DELETE FROM a')).lastInsertId, undefined)
  }),
  connectionTest('lastInsertId: a table without rowids has none', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE b (n)',
      'INSERT INTO b VALUES (1)',
      'CREATE TABLE a (id TEXT PRIMARY KEY) WITHOUT ROWID',
    ])
    const result = await run(connection, "INSERT INTO a VALUES ('x')")
    expectEqual([result.changes, result.lastInsertId], [1, undefined])
  }),
  databaseTest('execute: the answer is what the statement did', async (db) => {
    expectEqual(await db.execute({ text: 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)' }), { changes: 0 })
    expectEqual(await db.execute({ text: 'INSERT INTO a (n) VALUES (?)', params: ['x'] }), {
      changes: 1,
      lastInsertId: 1,
    })
    expectEqual(await db.execute({ text: 'UPDATE a SET n = ?', params: ['y'] }), { changes: 1 })
  }),
]
