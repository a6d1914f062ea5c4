import { expectEqual, expectRejection } from './expectations.ts'
import { databaseTest, type ConformanceTest } from './conformance-test.ts'

const refused: readonly (readonly [what: string, value: unknown])[] = [
  ['undefined', undefined],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['true', true],
  ['false', false],
  ['a Date', new Date(0)],
  ['an array', [1, 2]],
  ['an object', { a: 1 }],
  ['a Map', new Map()],
  ['an ArrayBuffer', new ArrayBuffer(2)],
  ['an Int16Array', new Int16Array(2)],
  ['a DataView', new DataView(new ArrayBuffer(2))],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['2^63', 2n ** 63n],
  ['-(2^63) - 1', -(2n ** 63n) - 1n],
  ['a high surrogate alone', 'a\ud800'],
  ['a low surrogate alone', '\udc00b'],
]

export const refusedValueTests: readonly ConformanceTest[] = refused.map(([what, value]) =>
  databaseTest(`values: ${what} is refused before it reaches the engine`, async (db) => {
    await db.execute({ text: 'CREATE TABLE kept (value)' })
    const error = await expectRejection(
      db.execute({ text: 'INSERT INTO kept VALUES (?)', params: [value] }),
      'invalid-value',
    )
    expectEqual(error.details?.parameter, 1, 'the place the error names')
    await expectRejection(
      db.batch([{ text: 'INSERT INTO kept VALUES (1)' }, { text: 'SELECT ?', params: [value] }]),
      'invalid-value',
    )
    expectEqual(await db.query({ text: 'SELECT value FROM kept' }), [], 'the rows')
  }),
)
