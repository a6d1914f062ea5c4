import { expectEqual, expectRejection, expectTrue } from '../../src/testing/conformance/expectations.ts'
import { run, runAll, valueOf } from '../../src/testing/conformance/conformance-test.ts'
import { Database } from '../../src/db/database.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost } from './host.ts'

/** A behaviour that the platform's page and life have part in, beside what the conformance suite holds every driver to. */
export interface PageTest {
  readonly name: string
  /** Where only one platform has the trap. */
  readonly platform?: NativeHost['platform']
  /** Whether the plugin has to be set up for encryption. */
  readonly encrypted?: boolean
  run(app: NativeApp, platform: NativeHost['platform'], database: string): Promise<void>
}

const never = () => undefined

export const pageTests: readonly PageTest[] = [
  {
    name: 'a page loaded anew in the middle of a transaction leaves none: the next one writes, and sees nothing of it',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])
      const session = await connection.reserve()
      await runAll(session, ['BEGIN IMMEDIATE', 'INSERT INTO a VALUES (2)'])
      await app.reload()
      const next = await driverFor(app, platform, name).open()
      await run(next, 'INSERT INTO a VALUES (3)')
      expectEqual((await run(next, 'SELECT n FROM a ORDER BY n')).rows, [[1], [3]])
      await next.close()
    },
  },
  {
    name: 'a page loaded anew in the middle of a query and of a batch: the next one has the batch whole or not at all',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const numbers = 'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20000) SELECT n FROM r'
      run(connection, numbers).catch(never)
      const insert = { text: 'INSERT INTO a VALUES (?)', params: [1] }
      runAll(connection, [insert, insert, 'SELECT 1', insert], { transaction: true }).catch(never)
      await new Promise((resolve) => setTimeout(resolve, 5))
      await app.reload()
      const next = await driverFor(app, platform, name).open()
      const rows = await valueOf(next, 'SELECT count(*) FROM a')
      expectTrue(rows === 0 || rows === 3, `the batch was done in part: ${String(rows)} rows`)
      await run(next, 'INSERT INTO a VALUES (2)')
      await next.close()
    },
  },
  {
    name: "a page loaded anew closes its own connection only: the app's other ones stay",
    run: async (app, platform, name) => {
      await driverFor(app, platform, name).open()
      const other = await driverFor(app, platform, `${name}-other`).open()
      await run(other, 'CREATE TEMP TABLE kept (n)')
      const again = await driverFor(app, platform, name).open()
      expectEqual((await run(other, 'SELECT n FROM kept')).rows, [])
      await again.close()
      await other.close()
    },
  },
  {
    name: 'another data layer of the page takes the database over, as after a hot update',
    run: async (app, platform, name) => {
      const first = await driverFor(app, platform, name).open()
      await run(first, 'CREATE TABLE a (n)')
      const second = await driverFor(app, platform, name).open()
      expectEqual(await valueOf(second, 'SELECT count(*) FROM a'), 0)
      await expectRejection(run(first, 'SELECT 1'), 'closed')
      await first.close()
      await run(second, 'INSERT INTO a VALUES (1)')
      await second.close()
    },
  },
  {
    name: 'a connection that something else in the app has closed is opened again by the call after the one that met it',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await app.page.plugin.CapacitorSQLite['checkConnectionsConsistency']?.({ dbNames: [], openModes: [] })
      await expectRejection(run(connection, 'CREATE TABLE a (n)'), 'storage-unavailable')
      await run(connection, 'CREATE TABLE a (n)')
      await connection.close()
    },
  },
  {
    name: 'a schema with last_modified and sql_deleted is not made, and one that is there is refused with the reason',
    run: async (app, platform, name) => {
      const driver = driverFor(app, platform, name)
      const connection = await driver.open()
      await runAll(connection, ['CREATE TABLE a (n, last_modified)', 'CREATE TABLE b (n)'])
      await expectRejection(run(connection, 'ALTER TABLE b ADD COLUMN sql_deleted'), 'unsupported')
      expectEqual((await run(connection, 'SELECT * FROM b')).columns, ['n'])
      await connection.close()
      const { CapacitorSQLite: plugin } = app.page.plugin
      const where = { database: name, readonly: false }
      await plugin['createConnection']?.({ ...where, encrypted: false, mode: 'no-encryption', version: 1 })
      await plugin['open']?.(where)
      await plugin['query']?.({ ...where, statement: 'ALTER TABLE b ADD COLUMN sql_deleted', values: [] })
      await plugin['closeConnection']?.(where)
      const error = await expectRejection(driver.open(), 'unsupported')
      expectTrue(/last_modified and sql_deleted/.test(error.message), error.message)
    },
  },
  {
    name: 'a row whose rowid is -1 stops no batch',
    run: async (app, platform, name) => {
      const db = new Database(await driverFor(app, platform, name).open())
      await db.execute({ text: 'CREATE TABLE a (id INTEGER PRIMARY KEY, n)' })
      const insert = (id: number) => ({ text: 'INSERT INTO a VALUES (?, 1)', params: [id] })
      await db.batch([insert(1), insert(-1), insert(2)])
      await db.execute(insert(-1)).catch(never)
      await db.batch([{ text: 'DELETE FROM a WHERE id = -1' }, insert(-1)])
      await db.batch([insert(3), insert(4), { text: 'SELECT 1' }])
      expectEqual(
        (await db.query({ text: 'SELECT id FROM a ORDER BY id' })).map(({ id }) => id),
        [-1, 1, 2, 3, 4],
      )
      await db.close()
    },
  },
  {
    name: 'columns are called what they are called, also with dots, as numbers and twice',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a ("x.y", "2", "1")')
      const text = 'SELECT DISTINCT 1.5 one, b.*, (b."x.y"), b."x.y" FROM a AS b'
      const columns = ['one', 'x.y', '2', '1', 'x.y', 'x.y']
      expectEqual((await run(connection, text)).columns, columns)
      await run(connection, `INSERT INTO a VALUES (?, ?, ?)`, 7, 8, 9)
      expectEqual((await run(connection, text)).rows, [[1.5, 7, 8, 9, 7, 7]])
      expectEqual((await run(connection, 'SELECT * FROM (SELECT "x.y" FROM a)')).columns, ['x.y'])
      expectEqual((await run(connection, 'SELECT 2, 1, (SELECT 3.5)')).columns, ['2', '1', '(SELECT 3.5)'])
      await run(connection, 'CREATE TABLE c (n, y)')
      const joined = await run(connection, 'SELECT *, n AS "selfsame#1", "x.y" + 1 AS "c.n" FROM a JOIN c')
      expectEqual(joined.columns, ['x.y', '2', '1', 'n', 'y', 'selfsame#1', 'c.n'])
      await connection.close()
    },
  },
  {
    name: 'the rows of a temporary trigger are not counted, and its table is told of',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await runAll(connection, [
        'CREATE TABLE a (n)',
        'CREATE TABLE log (n)',
        'INSERT INTO a VALUES (1)',
        'CREATE TEMP TRIGGER noted AFTER INSERT ON main.a BEGIN INSERT INTO log VALUES (new.n), (new.n); END',
      ])
      const { changes, tables } = await run(connection, 'INSERT INTO a VALUES (1)')
      expectEqual([changes, tables.toSorted()], [1, ['a', 'log']])
      await connection.close()
    },
  },
  {
    name: 'a connection in which foreign keys are off after open is refused',
    run: async (app, platform, name) => {
      const { CapacitorSQLite: real } = app.page.plugin
      const open = async (options?: object) => {
        await real['open']?.(options)
        await real['query']?.({ ...options, statement: 'PRAGMA foreign_keys = OFF', values: [] })
      }
      const plugin = new Proxy(real, { get: (target, method) => (method === 'open' ? open : target[String(method)]) })
      await expectRejection(driverFor(app, platform, name, { plugin: plugin as never }).open(), 'unsupported')
      await (await driverFor(app, platform, name).open()).close()
    },
  },
  {
    name: 'an infinity that SQLite made comes back',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      expectEqual((await run(connection, 'SELECT 9e999 AS a, -9e999 AS b')).rows, [[Infinity, -Infinity]])
      expectTrue(Object.is(await valueOf(connection, 'SELECT -0.0'), -0), 'the sign of a zero is lost')
      await connection.close()
    },
  },
  {
    name: "what an error says has no statement's text in it, where a value may stand",
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      const error = await expectRejection(
        run(connection, 'INSERT INTO nowhere VALUES (?, ?)', Uint8Array.of(1, 171, 205), 'canary\0-7c1d'),
        'sqlite',
      )
      const said = JSON.stringify([error, error.message, String(error.cause)])
      expectTrue(!/01abcd|canary|63616e617279|INSERT/i.test(said), said)
      await connection.close()
    },
  },
  {
    name: 'an app that goes to the background lets the database go, and has it again with the next call',
    platform: 'ios',
    run: async (app, platform, name) => {
      const connection = await driverFor(app, platform, name).open()
      await run(connection, 'CREATE TABLE a (n)')
      const { document } = app.page.window
      const { calls } = app.page
      const callsAfter = async (event: string) => {
        calls.length = 0
        document.dispatchEvent(new Event(event))
        await new Promise((resolve) => setTimeout(resolve, 50))
        return [...calls]
      }
      expectEqual(await callsAfter('pause'), ['closeConnection'])
      calls.length = 0
      await run(connection, 'INSERT INTO a VALUES (1)')
      await new Promise((resolve) => setTimeout(resolve, 50))
      expectEqual([calls[0], calls.at(-1)], ['createConnection', 'closeConnection'], 'a call while it is away')
      expectEqual(await callsAfter('resume'), [])
      expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 1)
      expectEqual(calls.includes('closeConnection'), false, 'whether it is closed once the app is back')
      await connection.close()
    },
  },
  {
    name: 'a transaction that is under way when the app goes to the background is finished first',
    platform: 'ios',
    run: async (app, platform, name) => {
      const db = new Database(await driverFor(app, platform, name).open())
      await db.execute({ text: 'CREATE TABLE a (n)' })
      await db.transaction(async (tx) => {
        await tx.execute({ text: 'INSERT INTO a VALUES (1)' })
        app.page.window.document.dispatchEvent(new Event('pause'))
        await new Promise((resolve) => setTimeout(resolve, 20))
        await tx.execute({ text: 'INSERT INTO a VALUES (2)' })
      })
      expectEqual(await db.queryOne({ text: 'SELECT count(*) AS n FROM a' }), { n: 2 })
      await db.close()
    },
  },
]
