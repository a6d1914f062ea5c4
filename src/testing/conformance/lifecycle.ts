import { Database } from '../../db/database.ts'
import { expectEqual, expectRejection, expectTrue } from './expectations.ts'
import {
  connectionTest,
  databaseTest,
  driverTest,
  onConnection,
  run,
  runAll,
  valueOf,
  type ConformanceTest,
} from './conformance-test.ts'

const imageHeader = 'SQLite format 3\0'

function headerOf(image: Uint8Array): string {
  return String.fromCharCode(...image.subarray(0, imageHeader.length))
}

export const lifecycleTests: readonly ConformanceTest[] = [
  connectionTest('opening: foreign keys are on', async (connection) => {
    expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), 1)
  }),
  driverTest('opening: foreign keys are on after every open', async (driver) => {
    for (let time = 0; time < 3; time += 1) {
      await onConnection(driver, async (connection) => {
        expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), 1)
        await run(connection, 'PRAGMA foreign_keys = OFF')
      })
    }
  }),
  connectionTest('opening: foreign keys can be switched off and on, again and again', async (connection) => {
    for (const value of [0, 1, 0, 1, 1, 0, 0, 1]) {
      await run(connection, `PRAGMA foreign_keys = ${value === 1 ? 'ON' : 'OFF'}`)
      expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), value)
    }
  }),
  connectionTest('opening: a connection names its engine', async (connection, driver) => {
    expectEqual(connection.engine, driver.name)
  }),
  driverTest(
    'opening: what was committed is there again where the driver says so, and nowhere else',
    async (driver) => {
      await onConnection(driver, (connection) =>
        runAll(connection, ['CREATE TABLE a (n)', { text: 'INSERT INTO a VALUES (?)', params: [2n ** 60n] }], {
          transaction: true,
        }),
      )
      await onConnection(driver, async (connection) => {
        const tables = await valueOf(connection, 'SELECT count(*) FROM sqlite_schema')
        expectEqual(tables, driver.capabilities.durable ? 1 : 0, 'how many tables are there')
        if (driver.capabilities.durable) expectEqual(await valueOf(connection, 'SELECT n FROM a'), 2n ** 60n)
      })
    },
  ),
  driverTest('opening: what a session committed is there again, what it had not is gone', async (driver) => {
    await onConnection(driver, async (connection) => {
      const session = await connection.reserve()
      await runAll(session, [
        'BEGIN',
        'CREATE TABLE a (n)',
        'INSERT INTO a VALUES (1)',
        'COMMIT',
        'BEGIN',
        'INSERT INTO a VALUES (2)',
      ])
      await session.release()
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]])
    })
    if (!driver.capabilities.durable) return
    await onConnection(driver, async (connection) =>
      expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]]),
    )
  }),
  driverTest(
    'opening: a second connection sees the first one’s commits, or is refused, or is a database of its own',
    async (driver) => {
      await onConnection(driver, async (first) => {
        await run(first, 'CREATE TABLE a (n)')
        if (driver.capabilities.durable && !driver.capabilities.multipleConnections) {
          await expectRejection(driver.open(), 'storage-in-use')
          return
        }
        await onConnection(driver, async (second) => {
          const tables = await valueOf(second, 'SELECT count(*) FROM sqlite_schema')
          expectEqual(tables, driver.capabilities.multipleConnections ? 1 : 0)
        })
      })
    },
  ),
  driverTest('closing: every call after it is refused', async (driver) => {
    const connection = await driver.open()
    await connection.close()
    await expectRejection(run(connection, 'SELECT 1'), 'closed', 'run')
    await expectRejection(connection.reserve(), 'closed', 'reserve')
    await expectRejection(connection.export(), 'closed', 'export')
    const db = new Database(await driver.open())
    await db.close()
    await expectRejection(db.query({ text: 'SELECT 1' }), 'closed', 'query')
    await expectRejection(db.execute({ text: 'SELECT 1' }), 'closed', 'execute')
    await expectRejection(db.batch([{ text: 'SELECT 1' }]), 'closed', 'batch')
    await expectRejection(
      db.transaction(async () => undefined),
      'closed',
      'transaction',
    )
    await expectRejection(db.export(), 'closed', 'export')
  }),
  driverTest('closing: it may be done twice', async (driver) => {
    const connection = await driver.open()
    await Promise.all([connection.close(), connection.close()])
    await connection.close()
  }),
  driverTest('closing: calls under way are finished first', async (driver) => {
    const connection = await driver.open()
    const created = run(connection, 'CREATE TABLE a (n)')
    const inserted = run(connection, 'INSERT INTO a VALUES (1)')
    await connection.close()
    expectEqual([(await created).changes, (await inserted).changes], [0, 1])
  }),
  driverTest('closing: a transaction under way is finished first', async (driver) => {
    const db = new Database(await driver.open())
    await db.execute({ text: 'CREATE TABLE a (n)' })
    const transaction = db.transaction(async (tx) => {
      await tx.execute({ text: 'INSERT INTO a VALUES (1)' })
      return tx.query({ text: 'SELECT n FROM a' })
    })
    await Promise.resolve()
    const [rows] = await Promise.all([transaction, db.close()])
    expectEqual(rows, [{ n: 1 }])
  }),
  connectionTest('export: the bytes are a database file with everything committed', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', "INSERT INTO a VALUES ('findable in the bytes')"])
    const image = await connection.export()
    expectEqual(headerOf(image), imageHeader, 'the header')
    expectEqual(image.length % 512, 0, 'the rest of a whole number of pages')
    expectEqual([image[18], image[19]], [1, 1], 'the versions that every SQLite reads')
    expectTrue(new TextDecoder('latin1').decode(image).includes('findable in the bytes'), 'the row is not in the image')
  }),
  connectionTest('export: foreign keys stay on, and the connection works on', async (connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])
    await connection.export()
    expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), 1)
    expectEqual((await run(connection, 'INSERT INTO a VALUES (2)')).changes, 1)
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 2)
  }),
  databaseTest('export: it waits for a transaction, and has its rows whole', async (db) => {
    await db.execute({ text: 'CREATE TABLE a (n)' })
    const transaction = db.transaction(async (tx) => {
      await tx.execute({ text: "INSERT INTO a VALUES ('first half')" })
      await tx.execute({ text: "INSERT INTO a VALUES ('second half')" })
    })
    const [image] = await Promise.all([db.export(), transaction])
    const text = new TextDecoder('latin1').decode(image)
    expectEqual(
      [text.includes('first half'), text.includes('second half')].every(
        (found) => found === text.includes('first half'),
      ),
      true,
    )
    expectEqual(await db.query({ text: 'SELECT count(*) AS n FROM a' }), [{ n: 2 }])
  }),
]
