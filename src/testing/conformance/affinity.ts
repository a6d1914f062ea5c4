import { expectEqual } from './expectations.ts'
import { connectionTest, run, valueOf, type ConformanceTest } from './conformance-test.ts'

const stored: readonly (readonly [column: string, value: unknown, storage: string, out: unknown])[] = [
  ['INTEGER', '5', 'integer', 5],
  ['INTEGER', 'five', 'text', 'five'],
  ['INTEGER', 5.5, 'real', 5.5],
  ['INTEGER', 2 ** 53, 'integer', 2n ** 53n],
  ['TEXT', 5, 'text', '5'],
  ['TEXT', 5n, 'text', '5'],
  ['TEXT', 1_735_689_600_000, 'text', '1735689600000'],
  ['TEXT', 2n ** 62n, 'text', '4611686018427387904'],
  ['TEXT', 5.5, 'text', '5.5'],
  ['REAL', 5, 'real', 5],
  ['REAL', '5.5', 'real', 5.5],
  ['NUMERIC', '1.0', 'integer', 1],
  ['BLOB', '5', 'text', '5'],
  ['BLOB', 5, 'integer', 5],
]

export const affinityTests: readonly ConformanceTest[] = [
  ...stored.map(([column, value, storage, out]) =>
    connectionTest(
      `affinity: ${typeof value} ${String(value)} in a ${column} column is kept as ${storage}`,
      async (connection) => {
        await run(connection, `CREATE TABLE kept (value ${column})`)
        await run(connection, 'INSERT INTO kept VALUES (?)', value)
        const { rows } = await run(connection, 'SELECT typeof(value), value FROM kept')
        expectEqual(rows, [[storage, out]])
      },
    ),
  ),
  connectionTest(
    'affinity: a large integer finds the text it was stored as, and uses the index',
    async (connection) => {
      await run(connection, 'CREATE TABLE kept (value TEXT PRIMARY KEY)')
      await run(connection, 'INSERT INTO kept VALUES (?)', 2n ** 60n)
      expectEqual(await valueOf(connection, 'SELECT count(*) FROM kept WHERE value = ?', 2n ** 60n), 1)
      expectEqual(await valueOf(connection, 'SELECT count(*) FROM kept WHERE value IN (?, ?)', 1, 2n ** 60n), 1)
    },
  ),
  connectionTest('affinity: a text of digits is not a number where nothing says so', async (connection) => {
    expectEqual(await valueOf(connection, 'SELECT ? = ?', '5', 5), 0)
    expectEqual(await valueOf(connection, 'SELECT ? = ?', '1099511627776', 2 ** 40), 0)
    expectEqual(await valueOf(connection, 'SELECT ? = ?', 2 ** 40, 2n ** 40n), 1)
  }),
  connectionTest('affinity: a STRICT table refuses what its column is not', async (connection) => {
    await run(connection, 'CREATE TABLE kept (value INTEGER) STRICT')
    await run(connection, 'INSERT INTO kept VALUES (?)', 2n ** 60n)
    const outcome = await run(connection, 'INSERT INTO kept VALUES (?)', 'x').then(
      () => 'kept',
      () => 'refused',
    )
    expectEqual(outcome, 'refused')
  }),
]
