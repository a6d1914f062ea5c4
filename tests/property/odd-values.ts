import fc from 'fast-check'
import type { SqlValue } from '../../src/db/values.ts'

/** Text that has broken somebody's migration: quotes, comment marks, NUL, emoji, what looks like a statement. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    "it's",
    'say "no"',
    'a\0b',
    '\0',
    '🦉🌿',
    'Z̸a̸l̸g̸o',
    "'); DROP TABLE accounts; --",
    '/* not a comment */',
    'NULL',
    '0012',
    '1e3',
    '9007199254740993',
    'did:ethr:0xnobody',
    '\u2028\uFEFF',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

/** Any value a column may hold, the ones at the edges more often. */
export const oddValue: fc.Arbitrary<SqlValue> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: oddText },
  { weight: 2, arbitrary: fc.integer() },
  {
    weight: 2,
    arbitrary: fc.constantFrom<SqlValue>(
      0,
      1,
      2n ** 53n,
      2n ** 53n + 1n,
      -(2n ** 53n) - 1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ),
  },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 8 }) },
)

/** Names that need quotes, or look as if they did not. None of them is the name of a legacy column or table. */
export const oddNames = [
  'note',
  "the user's",
  'two words',
  'größe',
  'order',
  'select',
  'say "hi"',
  '[bracket]',
  '`tick`',
  '🦉',
  'a;b',
  '--x',
  '/*',
  '1st',
  'active did',
  'activeDid2',
  '__proto__',
  'constructor',
  'oid',
  'x.y',
  'тест',
  'CREATE TABLE t',
] as const

/** A name as SQL, in one of the ways that can hold it. */
export function quoteSomehow(name: string, way: number): string {
  if (way === 1 && !name.includes(']')) return `[${name}]`
  if (way === 2) return `\`${name.replaceAll('`', '``')}\``
  return `"${name.replaceAll('"', '""')}"`
}
