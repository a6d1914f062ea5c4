import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { splitStatements } from '../../../src/db/sql-text/split.ts'
import { isEmpty, sqliteStatements } from './sqlite-tail.ts'

const database = new DatabaseSync(':memory:')
database.exec('CREATE TABLE t (a, b, "end", [x ; y], `it\'s`)')
afterAll(() => database.close())

/** Text that SQLite reads over: white space, comments and what looks like code in them. */
const commentText = fc
  .array(fc.constantFrom('a', ';', "'", '"', '`', '[', ']', 'END', 'BEGIN', '--', '/*', '*', '/', ' ', '\r', 'é'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
const blank = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(' ', '\n', '\r\n', '\t', '  ', ' \v ', ' \ufeff ') },
  { weight: 1, arbitrary: commentText.map((text) => ` --${text}\n`) },
  { weight: 1, arbitrary: commentText.map((text) => ` /*${text.replaceAll('*/', '* /')} */ `) },
)

const literal = fc
  .array(fc.constantFrom('a', ';', "''", '"', '`', '[', ']', 'END', '--', '/*', '*/', '\n', '\\', 'é', '😀'), {
    maxLength: 8,
  })
  .map((parts) => `'${parts.join('')}'`)
const leaf = fc.oneof(
  literal,
  fc.constantFrom(
    '1',
    '2.5e3',
    "x'3b27'",
    'NULL',
    '?',
    '?1',
    ':a',
    '$a',
    '$a::b(;)',
    '@end',
    '"end"',
    '[x ; y]',
    "`it's`",
    'end',
    'a',
    '"it\'s"',
    't.a',
    '.5',
    '0xfF',
  ),
)

/** Expressions as lists of tokens, so that anything SQLite skips can go between any two. */
const { expression } = fc.letrec<{ expression: string[] }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((text) => [text]),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '||', '->>', '<>', 'AND', 'IS NOT', '/', '*', '<<'),
        tie('expression'),
      )
      .map(([one, by, other]) => ['(', ...one, by, ...other, ')']),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => ['CASE', 'WHEN', ...a, 'THEN', ...b, 'ELSE', ...c, 'END']),
    tie('expression').map((value) => ['-', ...value]),
    tie('expression').map((value) => ['(', 'SELECT', ...value, 'FROM', 't', ')']),
  ),
}))
// Inside a trigger there are no parameters.
const triggerExpression = expression.map((tokens) => tokens.map((token) => (/^[?:$@]/.test(token) ? '7' : token)))

const query = expression.map((value) => ['SELECT', ...value, 'FROM', 't'])
const write = (value: string[]) => [
  ['INSERT', 'INTO', 't', '(', 'a', ')', 'VALUES', '(', '1', ')'],
  ['UPDATE', 't', 'SET', '"end"', '=', ...value],
  ['DELETE', 'FROM', 't', 'WHERE', ...value],
  ['SELECT', ...value, 'FROM', 't'],
  ['SELECT', ...value, 'AS', 'end', 'FROM', 't', 'GROUP', 'BY', 'end'],
]
const triggerStatement = fc.tuple(triggerExpression, fc.nat(4)).map(([value, kind]) => write(value)[kind] ?? [])
const trigger = fc
  .record({
    head: fc.constantFrom(
      ['CREATE', 'TRIGGER'],
      ['create', 'temp', 'trigger'],
      ['CREATE', 'TEMPORARY', 'TRIGGER', 'IF', 'NOT', 'EXISTS'],
      ['EXPLAIN', 'CREATE', 'TRIGGER'],
      ['EXPLAIN', 'QUERY', 'PLAN', 'CREATE', 'TRIGGER'],
    ),
    name: fc.constantFrom('r', '"end"', '[begin;]', "'x;'"),
    when: fc.option(triggerExpression.map((value) => value.filter((token) => token !== 'a'))),
    body: fc.array(triggerStatement, { minLength: 1, maxLength: 3 }),
  })
  .map(({ head, name, when, body }) => [
    ...head,
    name,
    'AFTER',
    'INSERT',
    'ON',
    't',
    ...(when ? ['WHEN', 'CASE', 'WHEN', 'new.a', 'THEN', '1', 'END'] : []),
    'BEGIN',
    ...body.flatMap((tokens) => [...tokens, ';']),
    'END',
  ])
const other = fc.constantFrom(
  ['BEGIN'],
  ['END'],
  ['COMMIT'],
  ['CREATE', 'TABLE', 'u', '(', '"trigger"', 'DEFAULT', "';'", ')'],
  ['DROP', 'TRIGGER', 'IF', 'EXISTS', 'nope'],
  ['EXPLAIN', 'SELECT', '1'],
  ['PRAGMA', 'user_version'],
)

const statement = fc.oneof(
  { weight: 3, arbitrary: query },
  { weight: 3, arbitrary: trigger },
  { weight: 1, arbitrary: other },
)
const script = fc
  .tuple(
    fc.array(fc.tuple(statement, fc.constantFrom(';', ';;', '; ;')), { maxLength: 5 }),
    fc.boolean(),
    fc.array(blank, { minLength: 1, maxLength: 60 }),
  )
  .map(([statements, lastSemicolon, blanks]) => {
    let turn = 0
    const between = () => blanks[turn++ % blanks.length] ?? ' '
    const texts = statements.map(([tokens, end], index) => {
      const text = between() + tokens.map((token) => token + between()).join('')
      return text + (index < statements.length - 1 || lastSemicolon ? end : '')
    })
    return texts.join('') + between()
  })

/** Whether SQLite reads over everything in `text` but `statement`. The same words may stand in a comment before it. */
function isAllOf(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (isEmpty(database, text.slice(0, at)) && isEmpty(database, text.slice(at + wanted.length))) return true
  }
  return false
}

describe('splitting random scripts', () => {
  test('finds exactly the statements that SQLite finds by compiling one after the other', () => {
    let compared = 0
    fc.assert(
      fc.property(script, (text) => {
        const theirs = sqliteStatements(database, text)
        const ours = splitStatements(text)
        expect(ours).toHaveLength(theirs.length)
        ours.forEach((one, index) => {
          expect(isAllOf(theirs[index] ?? '', one)).toBe(true)
        })
        compared += ours.length
      }),
      { numRuns: 3000 },
    )
    process.stdout.write(`${compared} statements of 3,000 random scripts cut as SQLite cuts them\n`)
    expect(compared).toBeGreaterThan(4000)
  })
})
