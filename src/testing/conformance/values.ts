import { expectEqual, expectTrue } from './expectations.ts'
import { connectionTest, run, valueOf, type ConformanceTest } from './conformance-test.ts'

const largest = 2n ** 63n - 1n
const smallest = -(2n ** 63n)
const megabyte = 1024 * 1024

/** What goes in, and how it comes out of a column without a type; `storage` is SQLite's own word for what it kept. */
const roundTrips: readonly { what: string; value: unknown; storage: string; out?: unknown }[] = [
  { what: 'null', value: null, storage: 'null' },
  { what: 'an empty text', value: '', storage: 'text' },
  { what: 'a text of digits', value: '0042', storage: 'text' },
  { what: 'a NUL character alone', value: '\0', storage: 'text' },
  { what: 'a text with NUL characters inside', value: 'a\0b\0', storage: 'text' },
  { what: 'an emoji of four code points', value: '👩‍👩‍👧‍👦', storage: 'text' },
  { what: 'composed and decomposed letters, kept apart', value: 'é é', storage: 'text' },
  { what: 'a right-to-left text with line ends', value: 'שלום\r\nعالم\u2028', storage: 'text' },
  { what: 'quotes, semicolons and comment marks', value: `it's; -- "x" /* y */`, storage: 'text' },
  { what: 'a megabyte of text', value: 'ß'.repeat(megabyte / 2), storage: 'text' },
  { what: 'zero', value: 0, storage: 'integer' },
  { what: 'minus zero, which has no integer of its own', value: -0, storage: 'integer', out: 0 },
  { what: 'five', value: 5, storage: 'integer' },
  { what: 'the largest integer of 32 bits', value: 2 ** 31 - 1, storage: 'integer' },
  { what: 'one more than 32 bits hold', value: 2 ** 31, storage: 'integer' },
  { what: 'one less than 32 bits hold', value: -(2 ** 31) - 1, storage: 'integer' },
  { what: 'milliseconds since 1970', value: 1_735_689_600_000, storage: 'integer' },
  { what: '2^53 - 1', value: Number.MAX_SAFE_INTEGER, storage: 'integer' },
  { what: '-(2^53 - 1)', value: Number.MIN_SAFE_INTEGER, storage: 'integer' },
  { what: 'a small bigint, back as a number', value: 5n, storage: 'integer', out: 5 },
  { what: '2^53 - 1 as bigint, back as a number', value: 2n ** 53n - 1n, storage: 'integer', out: 2 ** 53 - 1 },
  { what: '2^53 as bigint', value: 2n ** 53n, storage: 'integer' },
  { what: '2^53 + 1 as bigint', value: 2n ** 53n + 1n, storage: 'integer' },
  { what: '-(2^53 + 1) as bigint', value: -(2n ** 53n) - 1n, storage: 'integer' },
  { what: 'the largest integer of 64 bits', value: largest, storage: 'integer' },
  { what: 'the smallest integer of 64 bits', value: smallest, storage: 'integer' },
  { what: 'a fraction', value: 0.1, storage: 'real' },
  { what: '2^53 as number, beyond which a number is no exact integer', value: 2 ** 53, storage: 'real' },
  { what: '1e300', value: 1e300, storage: 'real' },
  { what: 'the largest number', value: Number.MAX_VALUE, storage: 'real' },
  { what: 'the smallest number above zero', value: Number.MIN_VALUE, storage: 'real' },
  { what: 'a blob of no bytes', value: new Uint8Array(0), storage: 'blob' },
  { what: 'a blob of all bytes', value: Uint8Array.from({ length: 256 }, (_, byte) => byte), storage: 'blob' },
  {
    what: 'a blob that is a part of a larger buffer',
    value: Uint8Array.of(9, 1, 2, 9).subarray(1, 3),
    storage: 'blob',
  },
  {
    what: 'a megabyte of bytes',
    value: Uint8Array.from({ length: megabyte }, (_, at) => (at * 31) % 256),
    storage: 'blob',
  },
]

export const valueTests: readonly ConformanceTest[] = [
  ...roundTrips.map(({ what, value, storage, out = value }) =>
    connectionTest(`values: ${what} comes back as it went in`, async (connection) => {
      await run(connection, 'CREATE TABLE kept (value)')
      await run(connection, 'INSERT INTO kept VALUES (?)', value)
      const { rows } = await run(connection, 'SELECT typeof(value), value FROM kept')
      expectEqual(rows[0]?.[0], storage, "SQLite's type")
      expectEqual(rows[0]?.[1], out)
    }),
  ),
  connectionTest('values: a blob comes back as a Uint8Array and nothing derived from it', async (connection) => {
    const value = await valueOf(connection, "SELECT x'00ff'")
    expectTrue(value instanceof Uint8Array, 'a Uint8Array was expected')
    expectEqual(Object.getPrototypeOf(value) === Uint8Array.prototype, true, 'whether it is a plain Uint8Array')
  }),
  connectionTest('values: bytes are taken when the call is made', async (connection) => {
    await run(connection, 'CREATE TABLE kept (value)')
    const bytes = Uint8Array.of(1, 2, 3)
    const written = run(connection, 'INSERT INTO kept VALUES (?)', bytes)
    bytes.fill(9)
    await written
    expectEqual(await valueOf(connection, 'SELECT value FROM kept'), Uint8Array.of(1, 2, 3))
  }),
  connectionTest('values: a text of NULs has the length that was written', async (connection) => {
    expectEqual(await valueOf(connection, 'SELECT hex(?)', 'a\0b'), '610062')
    expectEqual(await valueOf(connection, "SELECT CAST(x'610062' AS TEXT)"), 'a\0b')
  }),
  connectionTest('values: integers beyond 2^53 come exact out of an expression', async (connection) => {
    expectEqual(await valueOf(connection, 'SELECT 9007199254740992 + 1'), 2n ** 53n + 1n)
    expectEqual(await valueOf(connection, 'SELECT max(?, ?)', 2n ** 60n, 2n ** 60n + 1n), 2n ** 60n + 1n)
  }),
  connectionTest('values: many values cross in one statement, in their order', async (connection) => {
    const values = Array.from({ length: 900 }, (_, at) => (at % 3 === 0 ? at : at % 3 === 1 ? `t${at}` : null))
    const { rows } = await run(connection, `SELECT ${values.map(() => '?').join(', ')}`, ...values)
    expectEqual(rows[0], values)
  }),
]
