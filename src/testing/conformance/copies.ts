import type { DriverConnection, DriverCopies } from '../../db/driver.ts'
import { expectEqual, expectRejection, expectTrue } from './expectations.ts'
import { connectionTest, run, runAll, valueOf, type ConformanceTest } from './conformance-test.ts'

/** A test of whole copies. Where a database lives in memory alone there is nothing beside it to keep one in. */
function copiesTest(
  name: string,
  body: (copies: DriverCopies, connection: DriverConnection) => Promise<void>,
): ConformanceTest {
  return connectionTest(name, async (connection, driver) => {
    expectEqual(connection.copies !== undefined, driver.capabilities.durable, 'whether the driver keeps copies')
    if (connection.copies) await body(connection.copies, connection)
  })
}

export const copyTests: readonly ConformanceTest[] = [
  copiesTest('copies: one is written, listed newest first and removed', async (copies, connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])
    expectEqual(await copies.list({}), [])
    const first = await copies.write({})
    await new Promise((resolve) => setTimeout(resolve, 5))
    const second = await copies.write({})
    const listed = await copies.list({})
    expectEqual(
      listed.map(({ location }) => location),
      [second.location, first.location],
    )
    expectTrue(
      first.bytes > 0 && listed.every(({ writtenAt }) => !Number.isNaN(Date.parse(writtenAt))),
      'bytes or time are missing',
    )
    await copies.remove(first.location)
    expectEqual((await copies.list({})).length, 1)
    await copies.remove(first.location)
  }),
  copiesTest('copies: restoring one brings its content back, and its undo the other', async (copies, connection) => {
    await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a (rowid, n) VALUES (7, 1)'])
    const before = await copies.write({})
    await runAll(connection, ['DROP TABLE a', 'CREATE TABLE b (m)', 'INSERT INTO b VALUES (2)'])
    const restored = await copies.restore(before.location)
    expectEqual(restored.location, before.location)
    expectEqual((await run(connection, 'SELECT rowid, n FROM a')).rows, [[7, 1]])
    await copies.restore(restored.undo)
    expectEqual((await run(connection, 'SELECT m FROM b')).rows, [[2]])
    expectEqual(await valueOf(connection, 'PRAGMA foreign_keys'), 1)
    expectEqual((await run(connection, 'INSERT INTO b VALUES (3)')).tables, ['b'])
  }),
  copiesTest('copies: a place where none is cannot be restored, and nothing changes', async (copies, connection) => {
    await runAll(connection, ['CREATE TABLE a (n)'])
    const { location } = await copies.write({})
    await copies.remove(location)
    await expectRejection(copies.restore(location), 'storage-unavailable')
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 0)
  }),
  copiesTest(
    'copies: writing one counts as no write of this connection, nor as another’s',
    async (copies, connection) => {
      await runAll(connection, ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'])
      const counted = async () => [
        await valueOf(connection, 'PRAGMA data_version'),
        await valueOf(connection, 'PRAGMA schema_version'),
        await valueOf(connection, 'SELECT total_changes()'),
      ]
      const before = await counted()
      await copies.write({})
      const session = await connection.reserve()
      await run(session, 'BEGIN IMMEDIATE')
      await session.release()
      expectEqual(await counted(), before)
      await run(connection, 'INSERT INTO a VALUES (2)')
      expectTrue(String(await counted()) !== String(before), 'a write was not counted')
    },
  ),
]
