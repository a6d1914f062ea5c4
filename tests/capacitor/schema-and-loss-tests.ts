import { expectEqual, expectRejection } from '../../src/testing/conformance/expectations.ts'
import { run, runAll } from '../../src/testing/conformance/conformance-test.ts'
import { Database } from '../../src/db/database.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp } from './host.ts'
import type { PageTest } from './page-tests.ts'

/** The plugin, that loses the connection right after a method has done its work. */
function losingAfter(app: NativeApp, method: string): never {
  const { CapacitorSQLite: real } = app.page.plugin
  return new Proxy(real, {
    get: (target, name) => async (options: { database: string }) => {
      const answer = await target[String(name)]?.(options)
      if (name === method) await real['closeConnection']?.({ database: options.database, readonly: false })
      return answer
    },
  }) as never
}

const columns = '(n, last_modified, sql_deleted)'

/** Schemas that are refused, and connections that are lost or seem to be. */
export const schemaAndLossTests: readonly PageTest[] = [
  {
    name: 'a refused schema is taken back at once, also where the app goes on in its transaction and commits',
    run: async (app, platform, name) => {
      const db = new Database(await driverFor(app, platform, name).open())
      await db.execute({ text: 'CREATE VIEW both AS SELECT 1 AS last_modified, 2 AS sql_deleted' })
      await db.execute({ text: 'CREATE TABLE a (n)' })
      await db.transaction(async (tx) => {
        await tx.execute({ text: 'INSERT INTO a VALUES (1)' })
        await expectRejection(tx.execute({ text: `CREATE TABLE b ${columns}` }), 'unsupported')
        await expectRejection(tx.execute({ text: 'CREATE TABLE c AS SELECT * FROM both' }), 'unsupported')
      })
      await expectRejection(db.execute({ text: 'CREATE TABLE c AS SELECT * FROM both' }), 'unsupported')
      await db.close()
      const again = await driverFor(app, platform, name).open()
      expectEqual((await run(again, 'SELECT n FROM a')).rows, [[1]])
      expectEqual((await run(again, "SELECT name FROM sqlite_schema WHERE type = 'table'")).rows, [['a']])
      await again.close()
    },
  },
  {
    name: 'words of a trigger and names of a table do not pass for a connection that is lost',
    run: async (app, platform, name) => {
      const db = new Database(await driverFor(app, platform, name).open())
      await db.execute({ text: 'CREATE TABLE a (n)' })
      for (const [number, words] of [
        [1, 'the gate is not opened'],
        [2, 'Database x not opened'],
        [3, 'No available connection for database x'],
      ] as const)
        await db.execute({
          text: `CREATE TRIGGER gate${number} BEFORE INSERT ON a WHEN new.n = ${number} BEGIN SELECT RAISE(ABORT, ': ${words}'); END`,
        })
      await db.transaction(async (tx) => {
        await tx.execute({ text: 'INSERT INTO a VALUES (0)' })
        for (const number of [1, 2, 3])
          await expectRejection(tx.execute({ text: `INSERT INTO a VALUES (${number})` }), 'sqlite')
        await expectRejection(tx.execute({ text: 'INSERT INTO "Database x not opened" VALUES (1)' }), 'sqlite')
      })
      expectEqual(await db.query({ text: 'SELECT n FROM a' }), [{ n: 0 }])
      await db.close()
    },
  },
  {
    name: 'a connection lost behind a committed write does not say that nothing was written',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name, { plugin: losingAfter(app, 'run') }).open()
      await runAll(connection, [
        'CREATE TABLE a (n)',
        'CREATE TABLE log (n)',
        'CREATE TRIGGER noted AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.n); END',
      ])
      await expectRejection(run(connection, 'INSERT INTO a VALUES (1)'), 'outcome-unknown')
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]])
      await connection.close()
    },
  },
  {
    name: 'a connection lost behind a committed batch does not run the batch again',
    platform: 'android',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name, { plugin: losingAfter(app, 'executeSet') }).open()
      await run(connection, 'CREATE TABLE a (n)')
      const inserts = ['INSERT INTO a VALUES (1)', 'INSERT INTO a VALUES (2)']
      await expectRejection(runAll(connection, inserts, { transaction: true }), 'outcome-unknown')
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1], [2]])
      await connection.close()
    },
  },
]
