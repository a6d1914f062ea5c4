import { expectEqual, expectRejection } from './expectations.ts'
import { connectionTest, databaseTest, run, runAll, valueOf, type ConformanceTest } from './conformance-test.ts'

const literals = `it's; two -- not a comment /* nor this */`

export const statementTests: readonly ConformanceTest[] = [
  databaseTest('statements: two in one text are refused, and neither runs', async (db) => {
    await db.execute({ text: 'CREATE TABLE a (n)' })
    await expectRejection(db.execute({ text: 'INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)' }), 'unsupported')
    expectEqual(await db.query({ text: 'SELECT n FROM a' }), [])
  }),
  databaseTest('statements: a text without one is refused', async (db) => {
    for (const text of ['', '  \n', '-- nothing', '/* nothing */ ;'])
      await expectRejection(db.query({ text }), 'unsupported', text)
  }),
  databaseTest('statements: a NUL in the text is refused', async (db) => {
    await expectRejection(db.query({ text: 'SELECT 1 \0 AS a' }), 'unsupported')
  }),
  databaseTest('statements: one may end in a semicolon, spaces and comments', async (db) => {
    for (const text of [
      'SELECT 1 AS a;',
      ' SELECT 1 AS a ; -- end',
      '/* start */ SELECT 1 AS a;\n\n',
      '-- start\nSELECT 1 AS a',
    ])
      expectEqual(await db.query({ text }), [{ a: 1 }], text)
  }),
  connectionTest('statements: semicolons, quotes and comment marks in a literal are text', async (connection) => {
    await run(connection, 'CREATE TABLE a (value TEXT)')
    await run(connection, `INSERT INTO a VALUES ('${literals.replaceAll("'", "''")}')`)
    await run(connection, "INSERT INTO a VALUES ('first;\nsecond;\n -- third')")
    expectEqual((await run(connection, 'SELECT value FROM a')).rows, [[literals], ['first;\nsecond;\n -- third']])
    expectEqual((await run(connection, "DELETE FROM a\nWHERE value LIKE 'first;%'")).changes, 1)
  }),
  connectionTest('statements: a text in double quotes is one where an older schema has it so', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (id, state DEFAULT "fresh")', 'INSERT INTO a (id) VALUES (1)'])
    expectEqual(await valueOf(connection, 'SELECT state FROM a'), 'fresh')
  }),
  connectionTest('statements: comments are left out, wherever they stand', async (connection) => {
    expectEqual(await valueOf(connection, 'SELECT -- ; ?\n ? /* ? ; */ + ?', 1, 2), 3)
  }),
  connectionTest('statements: a trigger of several statements is one statement', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', 'CREATE TABLE log (n)'])
    await run(
      connection,
      `CREATE TRIGGER noted AFTER INSERT ON a BEGIN
        INSERT INTO log VALUES (CASE WHEN new.n > 1 THEN 'more;' ELSE 'end;' END); -- one
        UPDATE log SET n = n || '!';
      END`,
    )
    await runAll(connection, ['INSERT INTO a VALUES (1)', 'INSERT INTO a VALUES (2)'])
    expectEqual((await run(connection, 'SELECT n FROM log')).rows, [['end;!!'], ['more;!']])
  }),
  connectionTest('parameters: too few are refused', async (connection) => {
    const error = await expectRejection(run(connection, 'SELECT ?, ?', 1), 'invalid-value')
    expectEqual([error.details?.expected, error.details?.given], [2, 1])
    await expectRejection(run(connection, 'SELECT ?'), 'invalid-value')
  }),
  connectionTest('parameters: too many are refused', async (connection) => {
    await expectRejection(run(connection, 'SELECT ?', 1, 2), 'invalid-value')
    await expectRejection(run(connection, 'SELECT 1', 1), 'invalid-value')
  }),
  connectionTest('parameters: a batch with a wrong count runs none of its statements', async (connection) => {
    await run(connection, 'CREATE TABLE a (n)')
    const batch = [{ text: 'INSERT INTO a VALUES (1)' }, { text: 'INSERT INTO a VALUES (?)' }]
    const error = await expectRejection(runAll(connection, batch), 'invalid-value')
    expectEqual(error.details?.statement, 1, 'the statement named')
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 0)
  }),
  connectionTest('parameters: numbered places take their value each time they occur', async (connection) => {
    const { rows } = await run(connection, 'SELECT ?2, ?1, ?2, ?', 2n ** 60n, 2 ** 40, 'x')
    expectEqual(rows, [[2 ** 40, 2n ** 60n, 2 ** 40, 'x']])
  }),
  connectionTest('parameters: named places are refused', async (connection) => {
    for (const place of [':a', '@a', '$a'])
      await expectRejection(run(connection, `SELECT ${place}`, 1), 'unsupported', place)
  }),
  connectionTest('parameters: a place in a literal, a name or a comment is none', async (connection) => {
    const { rows } = await run(connection, `SELECT '?' AS "?", ? /* ? */ -- ?`, 2n ** 40n)
    expectEqual(rows, [['?', 2 ** 40]])
  }),
  connectionTest('parameters: what one call bound is not there for the next', async (connection) => {
    const text = 'SELECT ?, ?'
    await run(connection, text, 'first', 'second')
    expectEqual((await run(connection, text, null, 1)).rows, [[null, 1]])
  }),
  connectionTest('parameters: a large integer works wherever a place may stand', async (connection) => {
    const large = 2 ** 40
    await run(connection, 'CREATE TABLE a (n INTEGER PRIMARY KEY)')
    await run(connection, 'INSERT INTO a VALUES (?), (? + 1) ON CONFLICT DO NOTHING', large, large)
    expectEqual(
      await valueOf(
        connection,
        'SELECT count(*) FROM a WHERE n BETWEEN ? AND ? LIMIT ? OFFSET ?',
        large,
        large + 1,
        large,
        0,
      ),
      2,
    )
    expectEqual((await run(connection, 'UPDATE a SET n = n - ? WHERE n >= ? RETURNING n', large, large)).rows, [
      [0],
      [1],
    ])
    expectEqual(
      await valueOf(connection, 'SELECT CASE ? WHEN ? THEN iif(? > 1, ?, 0) END', large, large, large, large),
      large,
    )
  }),
]
