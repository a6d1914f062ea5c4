import { expectEqual, expectRejection } from '../../src/testing/conformance/expectations.ts'
import { run, runAll, valueOf } from '../../src/testing/conformance/conformance-test.ts'
import { driverFor } from './driver-for.ts'
import type { PageTest } from './page-tests.ts'

/** Statements that change what others mean: where tables lie, which files there are, what the connection may do. */
export const settingTests: readonly PageTest[] = [
  {
    name: 'after VACUUM, which moves tables within the file, a write names the tables that it writes',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, [
        'CREATE TABLE gone (n)',
        'CREATE TABLE other (n)',
        'CREATE TABLE a (n)',
        'CREATE TABLE log (n)',
        'CREATE TRIGGER noted AFTER INSERT ON a BEGIN INSERT INTO log VALUES (1); END',
        'DROP TABLE gone',
        'INSERT INTO other VALUES (1)',
        'VACUUM',
      ])
      expectEqual((await run(connection, 'INSERT INTO a VALUES (1)')).tables.toSorted(), ['a', 'log'])
      await connection.close()
    },
  },
  {
    name: 'a name of an attached file means the file that is attached now',
    run: async (app, platform, name) => {
      for (const [database, columns] of [
        [`${name}-one`, 'p, q'],
        [`${name}-two`, 'r, s'],
      ] as const) {
        const other = await driverFor(app, platform, database).open()
        await run(other, `CREATE TABLE z (${columns})`)
        await other.close()
      }
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const own = String(await valueOf(connection, `SELECT file FROM pragma_database_list WHERE name = 'main'`))
      for (const [which, columns] of [
        ['one', ['p', 'q']],
        ['two', ['r', 's']],
      ] as const) {
        await run(connection, 'ATTACH ? AS more', own.replace(/SQLite\.db$/, `-${which}SQLite.db`))
        expectEqual((await run(connection, 'SELECT * FROM z')).columns, columns)
        await run(connection, 'DETACH more')
      }
      await connection.close()
    },
  },
  {
    name: 'what only reads runs while PRAGMA query_only is on',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (5)', 'PRAGMA query_only = ON'])
      const { columns, rows } = await run(connection, 'WITH w AS (SELECT n AS m FROM a) SELECT m FROM w')
      expectEqual([columns, rows], [['m'], [[5]]])
      await connection.close()
    },
  },
  {
    name: 'a batch of one statement is in a transaction for PRAGMA and VACUUM, too',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const inTransaction = { transaction: true }
      await connection.run([{ text: 'PRAGMA foreign_keys = OFF', params: [] }], inTransaction)
      expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), 1)
      await expectRejection(connection.run([{ text: 'VACUUM', params: [] }], inTransaction), 'sqlite')
      await run(connection, 'INSERT INTO a VALUES (1)')
      await connection.close()
    },
  },
  {
    name: 'a copy is removed whose removal a page loaded anew had cut off',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const location = String((await connection.copies?.write({}))?.location)
      const copy = location.slice(location.lastIndexOf('/') + 1).replace('SQLite.db', '')
      const { CapacitorSQLite } = app.page.plugin
      const plain = { encrypted: false, mode: 'no-encryption', version: 1 }
      await CapacitorSQLite['createConnection']?.({ database: copy, readonly: false, ...plain })
      await connection.copies?.remove(location)
      expectEqual(await connection.copies?.list({}), [])
      await connection.close()
    },
  },
]
