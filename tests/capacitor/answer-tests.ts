import { writeFile } from 'node:fs/promises'
import { expectEqual, expectRejection, expectTrue } from '../../src/testing/conformance/expectations.ts'
import { run, runAll, valueOf } from '../../src/testing/conformance/conformance-test.ts'
import { driverFor } from './driver-for.ts'
import type { PageTest } from './page-tests.ts'

/** Answers that go through a text which the driver has rewritten. */
export const answerTests: readonly PageTest[] = [
  {
    name: 'parameters in a RETURNING list have their values, also without numbers',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)')
      const text = 'INSERT INTO a (n) VALUES (?) RETURNING id, n + ?, ? AS x, (SELECT ?2), ?'
      const { columns, rows } = await run(connection, text, 1, 5, 'six', Uint8Array.of(7))
      expectEqual(columns, ['id', 'n + ?', 'x', '(SELECT ?2)', '?'])
      expectEqual(rows, [[1, 6, 'six', 5, Uint8Array.of(7)]])
      await connection.close()
    },
  },
  {
    name: 'an expression is worked out once, also where it gives something else each time',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (n)', 'CREATE VIEW w AS SELECT random() >> 9 AS r FROM a'])
      await run(
        connection,
        'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50) INSERT INTO a SELECT n FROM r',
      )
      const value = "CASE WHEN random() % 2 THEN 'text' ELSE random() >> 9 END"
      const isWhole = (cell: unknown) => cell === 'text' || typeof cell === 'bigint' || Number.isSafeInteger(cell)
      const reads = [`SELECT ${value} AS v FROM a`, 'SELECT r FROM w', `UPDATE a SET n = n RETURNING ${value} AS v`]
      for (const text of [...reads, ...reads]) {
        const { rows } = await run(connection, text)
        expectEqual([rows.length, rows.flat().filter((cell) => !isWhole(cell))], [50, []], text)
      }
      const { rows: tokens } = await run(connection, 'UPDATE a SET n = n RETURNING hex(randomblob(8))')
      expectEqual(new Set(tokens.flat()).size, 50, 'a token for each row')
      await expectRejection(run(connection, 'UPDATE a SET n = 0 RETURNING n, count(*)'), 'sqlite')
      expectEqual(await valueOf(connection, 'SELECT count(*) FROM a WHERE n = 0'), 0)
      const together = await runAll(connection, reads.slice(0, 2))
      expectTrue(
        together.every(({ rows }) => rows.flat().every(isWhole)),
        'two reads in one call',
      )
      await connection.close()
    },
  },
  {
    name: 'a PRAGMA that names a schema or a number of findings gives what it gives',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (n)', 'PRAGMA user_version = 7'])
      expectEqual(await valueOf(connection, 'PRAGMA main.user_version'), 7)
      expectEqual(await valueOf(connection, 'PRAGMA integrity_check(1)'), 'ok')
      expectEqual((await run(connection, 'PRAGMA main.table_list(a)')).rows.length, 1)
      expectEqual((await run(connection, 'PRAGMA main.page_size')).columns, ['page_size'])
      const findings = ['table', 'rowid', 'parent', 'fkid']
      for (const text of ['PRAGMA main.foreign_key_check', 'PRAGMA foreign_key_check = a'])
        expectEqual((await run(connection, text)).columns, findings, text)
      expectEqual((await run(connection, 'PRAGMA main.table_info(a)')).rows.length, 1)
      await connection.close()
    },
  },
  {
    name: 'rows that a write replaces tell their trigger, whose rows are not counted',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, [
        'CREATE TABLE log (n)',
        'CREATE TABLE a (k UNIQUE ON CONFLICT REPLACE)',
        'CREATE TABLE b (k UNIQUE)',
        'CREATE TRIGGER gone_a AFTER DELETE ON a BEGIN INSERT INTO log VALUES (old.k); END',
        'CREATE TRIGGER gone_b AFTER DELETE ON b BEGIN INSERT INTO log VALUES (old.k); END',
        'INSERT INTO a VALUES (1)',
        'INSERT INTO b VALUES (1), (2)',
        'PRAGMA recursive_triggers = ON',
        'PRAGMA case_sensitive_like = ON',
      ])
      for (const [text, table] of [
        ['INSERT INTO a VALUES (1)', 'a'],
        ['UPDATE OR REPLACE b SET k = 1 WHERE k = 2', 'b'],
      ] as const) {
        const { changes, tables } = await run(connection, text)
        expectEqual([changes, tables.toSorted()], [1, [table, 'log']], text)
      }
      await connection.close()
    },
  },
  {
    name: 'an upsert that became an update has no lastInsertId, also after a failure half way and after a copy was put back',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (id INTEGER PRIMARY KEY, n)', 'INSERT INTO a (id) VALUES (3)'])
      await expectRejection(run(connection, 'INSERT OR FAIL INTO a (id) VALUES (60), (3)'), 'sqlite')
      const upsert = 'INSERT INTO a (id) VALUES (3) ON CONFLICT (id) DO UPDATE SET n = 1'
      expectEqual((await run(connection, upsert)).lastInsertId, undefined)
      await run(connection, 'INSERT INTO a (id) VALUES (77)')
      const copy = await connection.copies?.write({})
      await run(connection, 'INSERT INTO a (id) VALUES (5)')
      await connection.copies?.restore(String(copy?.location))
      expectEqual((await run(connection, upsert)).lastInsertId, undefined, 'after a copy was put back')
      await connection.close()
    },
  },
  {
    name: 'a text with NULs comes back from a database in UTF-16',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ["PRAGMA encoding = 'UTF-16le'", 'CREATE TABLE a (n)'])
      const text = 'a\0\u0001"\\é😀\0'
      await run(connection, 'INSERT INTO a VALUES (?)', text)
      expectEqual(await valueOf(connection, 'SELECT n FROM a'), text)
      expectEqual(await valueOf(connection, 'SELECT n = ? FROM a', text), 1)
      await connection.close()
    },
  },
  {
    name: "a trigger's words that look like the plugin's stay words",
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      for (const words of ['x (code 5)', 'Error: boo failed rc: 11 message: no']) {
        await run(connection, `CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, '${words}'); END`)
        const error = await expectRejection(run(connection, 'INSERT INTO a VALUES (1)'), 'sqlite')
        expectTrue(error.message.includes(words), error.message)
        expectEqual(error.sqlite?.extended, 'SQLITE_CONSTRAINT_TRIGGER')
        await run(connection, 'DROP TRIGGER t')
      }
      await connection.close()
    },
  },
  {
    name: 'what SQLite says of a mistake in a read is about its own text',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      for (const text of [
        'SELECT [unterminated',
        "SELECT 'unterminated",
        'SELECT 1 FORM a WHERE',
        'SELECT n FROM nowhere',
      ]) {
        const { message } = await expectRejection(run(connection, text), 'sqlite')
        expectTrue(!/selfsame|LIMIT|CASE/.test(message), message)
      }
      await connection.close()
    },
  },
  {
    name: 'a column that its text calls by another spelling, or rowid, has the name that it has',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (id INTEGER PRIMARY KEY, n)', 'CREATE VIEW w AS SELECT n AS N FROM a'])
      for (const [text, columns] of [
        ['SELECT rowid, oid, a._rowid_ FROM a', ['id', 'id', 'id']],
        ['SELECT v FROM (SELECT 1 AS V)', ['V']],
        ['WITH t AS (SELECT 1 AS a) SELECT A FROM t', ['a']],
        ['SELECT n FROM w', ['N']],
        ['SELECT "nothing" FROM a', ['"nothing"']],
        [
          'SELECT true, false AS t, n COLLATE NOCASE, n + 1 /* c */ FROM a',
          ['true', 't', 'n COLLATE NOCASE', 'n + 1 /* c */'],
        ],
      ] as const)
        expectEqual((await run(connection, text)).columns, columns, text)
      await connection.close()
    },
  },
  {
    name: 'a copy is put back with a row -1 at the end of a table, and with a full-text table',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, [
        'CREATE TABLE a (id INTEGER PRIMARY KEY, n)',
        'INSERT INTO a VALUES (-3, 1), (-1, 2)',
        'CREATE VIRTUAL TABLE f USING fts5(body)',
        "INSERT INTO f VALUES ('one'), ('two')",
      ])
      const copy = await connection.copies?.write({})
      await runAll(connection, ['DELETE FROM a', 'DELETE FROM f'])
      await connection.copies?.restore(String(copy?.location))
      expectEqual((await run(connection, 'SELECT * FROM a')).rows, [
        [-3, 1],
        [-1, 2],
      ])
      expectEqual((await run(connection, "SELECT rowid FROM f WHERE f MATCH 'two'")).rows, [[2]])
      await connection.close()
    },
  },
  {
    name: 'calls beside statements fail with coded errors, too',
    run: async (app, platform, name) => {
      const { CapacitorSQLite: real } = app.page.plugin
      const fails = new Set(['getUrl', 'getDatabaseList'])
      const plugin = new Proxy(real, {
        get: (target, method) =>
          fails.has(String(method))
            ? () => Promise.reject(new Error(`${String(method)}: failed`))
            : target[String(method)],
      })
      const connection = await driverFor(app, platform, name, { plugin: plugin as never }).open()
      await expectRejection(connection.export(), 'storage-unavailable')
      await expectRejection(Promise.resolve(connection.copies?.list({})), 'storage-unavailable')
      await connection.close()
    },
  },
  {
    name: 'a copy that was not written to its end, or whose schema is refused, is not put back',
    run: async (app, platform, name) => {
      const driver = driverFor(app, platform, name)
      const connection = await driver.open()
      await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])
      const copy = String((await connection.copies?.write({}))?.location)
      const { CapacitorSQLite: plugin } = app.page.plugin
      const rewrite = async (text: string) => {
        const where = { database: String(/[^/]+(?=SQLite\.db$)/.exec(copy)), readonly: false }
        await plugin['createConnection']?.({ ...where, encrypted: false, mode: 'no-encryption', version: 1 })
        await plugin['open']?.(where)
        await plugin['query']?.({ ...where, statement: text, values: [] })
        await plugin['closeConnection']?.(where)
      }
      await rewrite('CREATE TABLE b (last_modified, sql_deleted)')
      await expectRejection(Promise.resolve(connection.copies?.restore(copy)), 'unsupported')
      await writeFile(copy, '')
      await expectRejection(Promise.resolve(connection.copies?.restore(copy)), 'corrupt')
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]])
      await connection.close()
      await (await driver.open()).close()
    },
  },
  {
    name: "a batch in a transaction of its own is refused in the caller's, which goes on",
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const session = await connection.reserve()
      await runAll(session, ['BEGIN', 'INSERT INTO a VALUES (1)'])
      for (const texts of [['INSERT INTO a VALUES (2)'], ['INSERT INTO a VALUES (2)', 'SELECT 1']])
        await expectRejection(runAll(session, texts, { transaction: true }), 'sqlite')
      await run(session, 'COMMIT')
      await session.release()
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]])
      await connection.close()
    },
  },
  {
    name: 'a text with comments, lines and semicolons in it is stored as it was written',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      const texts = [
        "CREATE TABLE a (n DEFAULT 'x; -- y;\n;\nweekend;') -- of all",
        'CREATE TRIGGER gone AFTER DELETE ON a BEGIN DELETE FROM\na WHERE n = old.n; DELETE FROM a\nWHERE n IS NULL; END',
      ]
      for (const text of texts) await run(connection, text)
      const { rows } = await run(connection, 'SELECT sql FROM sqlite_schema ORDER BY rowid')
      expectEqual(rows.flat(), [texts[0]?.replace(' -- of all', ''), texts[1]])
      await run(connection, 'INSERT INTO a DEFAULT VALUES')
      expectEqual(await valueOf(connection, 'SELECT n FROM a'), 'x; -- y;\n;\nweekend;')
      await connection.close()
    },
  },
  {
    name: 'a name that the plugin would take for another one is refused',
    run: async (app, platform) => {
      for (const name of ['app.db', 'folder/app', '']) {
        const made = Promise.resolve().then(() => driverFor(app, platform, name))
        await expectRejection(made, 'unsupported')
      }
    },
  },
]
