import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DriverConnection } from '../../src/db/driver.ts'
import { nodeDriver } from 'selfsame/node'
import { driverFor } from './driver-for.ts'
import type { NativeHost } from './host.ts'
import { dataFolder, startApp } from './installed-app.ts'

const column = fc.constantFrom('id', 'A', '"a"', '[b]', '`k`', 't.id', 'T."b"', 'rowid', 't.oid', "'a'", '"no column"')
const literal = fc.constantFrom('1', '1.5', "'x'", "x'01'", 'NULL', 'true', 'FALSE', "''", '-1', '9007199254740993')
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    column,
    literal,
    fc.tuple(tie('expression'), fc.constantFrom(' + ', '||', ' IS '), tie('expression')).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('(?)', 'NOT ?', 'coalesce( ?, 1 )', 'CAST(? AS TEXT)', '(SELECT ?)'), tie('expression'))
      .map(([around, inner]) => around.replace('?', () => inner)),
    column.map((name) => `${name} COLLATE NOCASE`),
    column.map((name) => `${name} /* one, two */ IN (1, 2)`),
  ),
}))
const alias = fc.constantFrom(
  '',
  '',
  '',
  ' AS x',
  ' AS "a b"',
  ' y',
  " 'q'",
  ' "Z"',
  ' AS "a.b"',
  ' -- end\n',
  ' /* z */',
)
const item = fc.tuple(expression, alias).map((parts) => parts.join(''))
const listOf = (star: fc.Arbitrary<string>) =>
  fc
    .array(fc.oneof(star, { arbitrary: item, weight: 4 }), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(','))
const sources = fc.constantFrom(
  't',
  'main.t AS t',
  'v AS t',
  '(SELECT id, a, b, k, rowid FROM t) t',
  't JOIN o USING (id)',
  't, o AS p',
  't NATURAL JOIN o',
)
const ends = fc.constantFrom('', ' WHERE 0', ' ORDER BY 1', ' ORDER BY t.id DESC', ' LIMIT 1', ' GROUP BY t.id')
const starts = fc.constantFrom('SELECT ', 'SELECT DISTINCT ', 'WITH w AS (SELECT 1) SELECT ')
const reads = fc
  .tuple(starts, listOf(fc.constantFrom('*', 't.*')), sources, ends)
  .map(([start, list, from, end]) => `${start}${list} FROM ${from}${end}`)
const writes = fc.constantFrom(
  'UPDATE t SET a = a',
  'UPDATE main.t SET a = a WHERE id = 2',
  'UPDATE t SET a = a WHERE 0',
)
const returning = fc.tuple(writes, listOf(fc.constant('*'))).map((parts) => parts.join(' RETURNING '))
const statements = fc.oneof({ arbitrary: reads, weight: 3 }, returning)

const tables = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT COLLATE NOCASE, k UNIQUE)',
  `INSERT INTO t VALUES (1, 10, 'x', 'k1'), (2, 20.5, 'Y', 'k2')`,
  'CREATE TABLE o (id INTEGER PRIMARY KEY, Q, a2)',
  `INSERT INTO o VALUES (1, 'q', 5), (2, NULL, 6)`,
  'CREATE VIEW v AS SELECT id, a AS A, b, k FROM t',
]
const count = process.env['SELFSAME_FULL'] ? 3000 : 100

async function answer(connection: DriverConnection, text: string): Promise<unknown> {
  try {
    const [result] = await connection.run([{ text, params: [] }])
    return [text, result?.columns, result?.rows]
  } catch (error) {
    return [text, (error as { code: string }).code]
  }
}

/** Where names and values are read out of texts, random texts find what nobody thought of. */
export function randomListsOn(host: NativeHost, seed: number): void {
  test(`random lists of columns on ${host.platform} have the names and values that they have on Node`, async () => {
    const app = await startApp(host, dataFolder())
    const phone = await driverFor(app, host.platform, 'lists').open()
    const node = await nodeDriver({ filename: ':memory:' }).open()
    for (const text of tables) for (const connection of [phone, node]) await answer(connection, text)
    const texts = fc.sample(statements, { numRuns: count, seed })
    const wrong: unknown[] = []
    let answered = 0
    for (const text of texts) {
      const expected = await answer(node, text)
      if ((expected as unknown[]).length === 3) answered += 1
      const given = await answer(phone, text)
      if (!Object.is(JSON.stringify(given, bigints), JSON.stringify(expected, bigints))) wrong.push({ expected, given })
    }
    await phone.close()
    await node.close()
    process.stdout.write(`${host.platform}: ${count} random lists, ${answered} answered, ${wrong.length} otherwise\n`)
    expect(wrong).toEqual([])
    expect(answered).toBeGreaterThan(count / 2)
  }, 600_000)
}

const bigints = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? `bytes ${value.join()}` : value
