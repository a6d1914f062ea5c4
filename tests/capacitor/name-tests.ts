import { expectEqual } from '../../src/testing/conformance/expectations.ts'
import { run, runAll } from '../../src/testing/conformance/conformance-test.ts'
import { driverFor } from './driver-for.ts'
import type { PageTest } from './page-tests.ts'

/** Names that a text and the schema seem to give, and SQLite gives otherwise. */
export const nameTests: readonly PageTest[] = [
  {
    name: 'columns of a table of WITH, a subquery and a view are called as those call them',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (id, v)', 'CREATE VIEW w AS SELECT id AS ID FROM a'])
      const columnsOf = async (text: string) => (await run(connection, text)).columns
      expectEqual(await columnsOf('WITH a AS (SELECT 5 AS zz) SELECT * FROM a'), ['zz'])
      expectEqual(await columnsOf('SELECT V FROM (SELECT 1 AS V)'), ['V'])
      expectEqual(await columnsOf('SELECT ID FROM w'), ['ID'])
      expectEqual(await columnsOf('SELECT V FROM a'), ['v'])
      const own = 'SELECT *, false, ID COLLATE NOCASE /* of w */ FROM w'
      expectEqual(await columnsOf(own), ['ID', 'false', 'ID COLLATE NOCASE /* of w */'])
      const many = Array.from({ length: 1500 }, (_, index) => `c${index}`)
      await run(
        connection,
        `CREATE VIEW many AS SELECT ${many.map((column, value) => `${value} AS ${column}`).join(', ')}`,
      )
      expectEqual(await columnsOf('SELECT * FROM many'), many)
      await connection.close()
    },
  },
  {
    name: 'RETURNING gives exact values and names: of a temporary table, a view, and an alias without AS',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, [
        'CREATE TABLE a (c)',
        'CREATE TEMP TABLE z (x, y)',
        'CREATE VIEW w AS SELECT c FROM a',
        'CREATE TRIGGER into_w INSTEAD OF INSERT ON w BEGIN INSERT INTO a VALUES (new.c); END',
      ])
      const answer = async (text: string) => {
        const { columns, rows } = await run(connection, text)
        return [columns, rows]
      }
      const large = 9007199254740993n
      expectEqual(await answer(`INSERT INTO z VALUES (${large}, 1) RETURNING *`), [['x', 'y'], [[large, 1]]])
      expectEqual(await answer(`INSERT INTO w VALUES (${large}) RETURNING *`), [['c'], [[large]]])
      expectEqual(await answer('UPDATE a SET c = 3 RETURNING c newc, a.C'), [['newc', 'c'], [[3, 3]]])
      expectEqual(await answer("UPDATE a SET c = 3 RETURNING true, c COLLATE NOCASE, c+1 /* one */, C, 'c'"), [
        ['true', 'c COLLATE NOCASE', 'c+1 /* one */', 'c', "'c'"],
        [[1, 3, 4, 3, 'c']],
      ])
      await connection.close()
    },
  },
  {
    name: 'what triggers wait for is read past names and comments',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      const body = 'AFTER INSERT ON a BEGIN INSERT INTO log VALUES (1), (2); END'
      await runAll(connection, ['CREATE TABLE a (n)', 'CREATE TABLE log (n)'])
      for (const head of ['"delete"', 'noted /* not for DELETE */']) {
        await run(connection, `CREATE TRIGGER ${head} ${body}`)
        expectEqual((await run(connection, 'INSERT INTO a VALUES (1)')).changes, 1)
        await run(connection, `DROP TRIGGER ${head}`)
      }
      await connection.close()
    },
  },
]
