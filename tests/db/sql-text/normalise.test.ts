import { describe, expect, test } from 'vitest'
import { canonicalSql } from '../../../src/db/sql-text/canonical.ts'
import { normaliseStatement, redactLiterals } from '../../../src/db/sql-text/normalise.ts'

describe('normaliseStatement', () => {
  const text = "CREATE TABLE a (x TEXT DEFAULT 'it''s  --  /* fine */', y >= 2)"

  test.each([
    ['line ends', "CREATE TABLE a (\r\n  x TEXT DEFAULT 'it''s  --  /* fine */',\r\n  y >= 2\r\n)"],
    ['white space of any amount', "CREATE\tTABLE   a(x TEXT DEFAULT 'it''s  --  /* fine */' ,y>=2 )"],
    ['comments', "-- head\nCREATE /* a */ TABLE a (x TEXT DEFAULT 'it''s  --  /* fine */', -- x\n y >= 2) -- end"],
    ['the last semicolon and trailing blanks', `${text} ; \n;`],
    ['a byte order mark', `\ufeff${text}`],
  ])('does not count %s', (_what, other) => {
    expect(normaliseStatement(other)).toBe(normaliseStatement(text))
  })

  test.each([
    ['white space in a literal', "SELECT 'a b'", "SELECT 'a  b'"],
    ['a line end in a literal', "SELECT 'a\nb'", "SELECT 'a\r\nb'"],
    ['white space in a quoted name', 'SELECT "a b"', 'SELECT "a  b"'],
    ['the case of a word', 'SELECT a', 'select a'],
    ['what a comment marker in a literal starts', "SELECT '--', 1", "SELECT '--', 2"],
    ['where words are cut', 'SELECT a b', 'SELECT ab'],
    ['an operator cut in two', 'SELECT a - -1', 'SELECT a --1'],
    ['a number cut in two', 'SELECT 1 2', 'SELECT 12'],
    ['a blob and a name before a literal', "SELECT x 'ab'", "SELECT x'ab'"],
    ['a semicolon inside a trigger', 'BEGIN a; END', 'BEGIN a END'],
  ])('counts %s', (_what, one, other) => {
    expect(normaliseStatement(one)).not.toBe(normaliseStatement(other))
  })

  test('reads well enough to be shown in a difference', () => {
    expect(normaliseStatement("SELECT a.b ,count( * )  FROM t  WHERE x IN ( 1,2 )  AND y='z' ;")).toBe(
      "SELECT a.b, count(*) FROM t WHERE x IN(1, 2) AND y = 'z'",
    )
  })

  test('of nothing is nothing', () => {
    expect(normaliseStatement(' -- note\n ; ')).toBe('')
  })
})

describe('redactLiterals', () => {
  test('leaves no literal, no comment and no string in double quotes', () => {
    const text = `UPDATE "settings" SET a = 'did:ethr:0x1234', b = x'c0ffee', c = "did:ethr:0x99", d = 'it''s' -- was 'did:ethr:0x56'`
    expect(redactLiterals(text)).toBe('UPDATE "settings" SET a = ?, b = ?, c = ?, d = ?')
  })

  test('leaves nothing of a literal that does not close', () => {
    expect(redactLiterals("INSERT INTO a VALUES ('secret")).toBe('INSERT INTO a VALUES(?')
  })
})

describe('canonicalSql', () => {
  test.each(['SELECT "a" FROM [b c]', 'SELECT a FROM "b c"', 'SELECT `a` /* x */ FROM `b c`'])(
    'takes %s for the same',
    (text) => {
      expect(canonicalSql(text)).toBe('SELECT a FROM "b c"')
    },
  )

  test('keeps the quotes of a name that would be a keyword or a value without them', () => {
    expect(canonicalSql('SELECT [order], "null", `true`, "x""y", "Name"')).toBe(
      'SELECT "order", "null", "true", "x""y", Name',
    )
  })
})
