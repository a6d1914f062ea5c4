import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { countStatements, splitStatements } from '../../../src/db/sql-text/split.ts'
import { tokenize } from '../../../src/db/sql-text/tokenize.ts'
import { splitCases } from './split-cases.ts'
import { sqliteStatements } from './sqlite-tail.ts'

describe('splitting a script', () => {
  test.each(splitCases)('%s', (_name, script, statements) => {
    expect(splitStatements(script)).toEqual(statements)
    expect(countStatements(script)).toBe(statements.length)
  })

  // What does not compile at all has no tail to compare with.
  const compiling = splitCases.filter(([name]) => name !== 'an unterminated literal')
  test.each(compiling)('%s: SQLite sees as many', (_name, script, statements) => {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE t (a, "end", "x;y", [a;\'b], "a;`\'b", "x"";y", b)')
    expect(sqliteStatements(database, script)).toHaveLength(statements.length)
    database.close()
  })

  test('variables whose brackets never close are read once: SQLite takes them for one piece', () => {
    const text = '$a('.repeat(300_000)
    expect(tokenize(`${text} x`).map((token) => token.text.length)).toEqual([text.length, 1, 1])
    expect(() => new DatabaseSync(':memory:').prepare('SELECT $a($a( 1')).toThrow('unrecognized token: "$a($a("')
  })

  test('a literal of several megabytes, full of doubled quotes, is one token', () => {
    const literal = `'${"''".repeat(4_000_000)}'`
    expect(countStatements(`SELECT ${literal}; SELECT /* ${'; '.repeat(2_000_000)} */ 2`)).toBe(2)
  })
})
