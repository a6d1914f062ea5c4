import { expectEqual } from './expectations.ts'
import { connectionTest, run, runAll, databaseTest, type ConformanceTest } from './conformance-test.ts'

export const resultTests: readonly ConformanceTest[] = [
  connectionTest('results: two columns of one name are both there', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE a (id, name)',
      'CREATE TABLE b (id, name)',
      "INSERT INTO a VALUES (1, 'x')",
      "INSERT INTO b VALUES (2, 'y')",
    ])
    const { columns, rows } = await run(connection, 'SELECT * FROM a JOIN b')
    expectEqual(columns, ['id', 'name', 'id', 'name'], 'the columns')
    expectEqual(rows, [[1, 'x', 2, 'y']], 'the rows')
  }),
  databaseTest('results: as an object, the last of two columns of one name is kept', async (db) => {
    expectEqual(await db.query({ text: 'SELECT 1 AS a, 2 AS a' }), [{ a: 2 }])
  }),
  databaseTest('results: a column called __proto__ is a column', async (db) => {
    const [row] = await db.query({ text: 'SELECT 1 AS "__proto__", 2 AS "constructor"' })
    expectEqual(Object.entries(row ?? {}), [
      ['__proto__', 1],
      ['constructor', 2],
    ])
  }),
  connectionTest('results: an empty result has its columns', async (connection) => {
    await run(connection, 'CREATE TABLE a (id, name)')
    const { columns, rows } = await run(connection, 'SELECT name, id, id + 1 AS next FROM a')
    expectEqual(columns, ['name', 'id', 'next'], 'the columns')
    expectEqual(rows, [], 'the rows')
  }),
  connectionTest('results: a statement that gives no rows has no columns', async (connection) => {
    const { columns, rows } = await run(connection, 'CREATE TABLE a (id)')
    expectEqual([columns, rows], [[], []])
  }),
  connectionTest('results: rows come in the order asked for', async (connection) => {
    const { rows } = await run(connection, 'SELECT column1 FROM (VALUES (3), (1), (2)) ORDER BY column1 DESC')
    expectEqual(rows, [[3], [2], [1]])
  }),
  connectionTest('results: the columns follow a change of the table', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (id)', 'INSERT INTO a VALUES (1)', 'SELECT * FROM a'])
    await run(connection, "ALTER TABLE a ADD COLUMN name DEFAULT 'x'")
    const { columns, rows } = await run(connection, 'SELECT * FROM a')
    expectEqual([columns, rows], [['id', 'name'], [[1, 'x']]])
  }),
  connectionTest('results: names keep their letters, whatever the script', async (connection) => {
    await run(connection, 'CREATE TABLE "größe Ω" ("naïve 列" TEXT, [with space], `back``tick`)')
    await run(connection, 'INSERT INTO "größe Ω" VALUES (?, ?, ?)', 'ä', 1, 2)
    const { columns, rows } = await run(connection, 'SELECT * FROM "größe Ω"')
    expectEqual(columns, ['naïve 列', 'with space', 'back`tick'], 'the columns')
    expectEqual(rows, [['ä', 1, 2]], 'the rows')
  }),
  connectionTest(
    'results: a column without a name is called by its text, also with a large integer',
    async (connection) => {
      expectEqual((await run(connection, 'SELECT ?, 1 + 1', 2n ** 60n)).columns, ['?', '1 + 1'])
    },
  ),
  connectionTest('results: RETURNING gives the rows as they were written', async (connection) => {
    await run(connection, "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'none')")
    const inserted = await run(connection, 'INSERT INTO a (id) VALUES (7), (8) RETURNING id, name')
    expectEqual(
      [inserted.columns, inserted.rows, inserted.changes],
      [
        ['id', 'name'],
        [
          [7, 'none'],
          [8, 'none'],
        ],
        2,
      ],
    )
    const updated = await run(connection, 'UPDATE a SET name = ? WHERE id = ? RETURNING name', 'x', 8)
    expectEqual([updated.rows, updated.changes], [[['x']], 1])
    const deleted = await run(connection, 'DELETE FROM a WHERE id > ? RETURNING *', 0)
    expectEqual(
      [deleted.rows, deleted.changes],
      [
        [
          [7, 'none'],
          [8, 'x'],
        ],
        2,
      ],
    )
  }),
  connectionTest('results: an upsert that RETURNING gives the row it made', async (connection) => {
    await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)')
    const upsert = 'INSERT INTO a VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = n + excluded.n RETURNING n'
    await run(connection, upsert, 1, 10)
    expectEqual((await run(connection, upsert, 1, 5)).rows, [[15]])
  }),
  connectionTest('results: a PRAGMA gives its rows', async (connection) => {
    await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT)')
    const { columns, rows } = await run(connection, 'PRAGMA table_info(a)')
    expectEqual(columns[1], 'name')
    expectEqual(
      rows.map((row) => row[1]),
      ['id', 'name'],
    )
  }),
  connectionTest('results: a long statement runs whole', async (connection) => {
    const terms = Array.from({ length: 500 }, (_, at) => `(${at}, '${'x'.repeat(200)}')`)
    await run(connection, 'CREATE TABLE a (id, filler)')
    expectEqual((await run(connection, `INSERT INTO a VALUES ${terms.join(', ')}`)).changes, 500)
  }),
  databaseTest('results: queryOne gives the first row, or undefined', async (db) => {
    expectEqual(await db.queryOne({ text: 'SELECT 1 AS a UNION ALL SELECT 2' }), { a: 1 })
    expectEqual(await db.queryOne({ text: 'SELECT 1 WHERE 0' }), undefined)
  }),
]
