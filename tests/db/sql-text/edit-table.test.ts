import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataLayerError } from '../../../src/errors/index.ts'
import { parseCreateTable } from '../../../src/db/sql-text/create-table.ts'
import { insertColumn, removeColumn } from '../../../src/db/sql-text/edit-table.ts'
import { SchemaMaker } from '../migration/rebuild/random-schema.ts'
import { oddTables } from './odd-tables.ts'

/** The columns of the table that a statement makes, as SQLite sees them. */
function columnsOf(statement: string): string[] {
  const database = new DatabaseSync(':memory:')
  database.exec(statement)
  const rows = database
    .prepare('SELECT name FROM pragma_table_xinfo(?) ORDER BY cid')
    .all(parseCreateTable(statement).name)
  database.close()
  return rows.map(({ name }) => String(name))
}

/** The edited text, or `null` where the edit is refused as it should be. */
function edited(edit: () => string): string | null {
  try {
    return edit()
  } catch (error) {
    if (error instanceof DataLayerError && error.code === 'unsupported') return null
    throw error
  }
}

const refusal = expect.objectContaining({ code: 'unsupported' })
const editable = oddTables.filter(([, statement]) => !/\bAS\s+SELECT\b/.test(statement))

describe('removeColumn', () => {
  test.each([
    ['a column in the middle', 'CREATE TABLE t (a INT, b INT, c INT)', 'b', 'CREATE TABLE t (a INT, c INT)'],
    ['the first', 'CREATE TABLE t (a INT, b INT)', 'a', 'CREATE TABLE t (b INT)'],
    ['the last', 'CREATE TABLE t (a INT, b INT )', 'b', 'CREATE TABLE t (a INT )'],
    ['the last before a constraint', 'CREATE TABLE t (a, b, CHECK (a > 0))', 'b', 'CREATE TABLE t (a, CHECK (a > 0))'],
    ['whatever the case of its name', 'CREATE TABLE t (a, "Active Did" TEXT)', 'active did', 'CREATE TABLE t (a)'],
    [
      'a comment with it, and no other',
      'CREATE TABLE t (\n  a, -- the a\n  b, -- the b\n  c -- the c\n)',
      'b',
      'CREATE TABLE t (\n  a, -- the a\n  c -- the c\n)',
    ],
    [
      'its own constraints',
      "CREATE TABLE t (a, b TEXT UNIQUE CHECK (b <> 'a,') REFERENCES u (b) ON DELETE CASCADE, c)",
      'b',
      'CREATE TABLE t (a, c)',
    ],
    ['a UNIQUE on it alone', 'CREATE TABLE t (a, b, UNIQUE ("B" COLLATE NOCASE DESC))', 'b', 'CREATE TABLE t (a)'],
    [
      'a FOREIGN KEY on it alone',
      'CREATE TABLE t (a, b, CONSTRAINT f FOREIGN KEY ([b]) REFERENCES u (x) ON DELETE SET NULL, UNIQUE (a))',
      'b',
      'CREATE TABLE t (a, UNIQUE (a))',
    ],
    [
      'constraints that no comma separates',
      'CREATE TABLE t (a, b, UNIQUE (b) CHECK (a > 0) FOREIGN KEY (b) REFERENCES u)',
      'b',
      'CREATE TABLE t (a, CHECK (a > 0))',
    ],
    [
      'nothing of a type that has its name',
      'CREATE TABLE t (a text, text INT, b text)',
      'text',
      'CREATE TABLE t (a text, b text)',
    ],
    ['nothing of another table', 'CREATE TABLE t (a REFERENCES u (b), b)', 'b', 'CREATE TABLE t (a REFERENCES u (b))'],
    ['nothing of a literal', "CREATE TABLE t (a CHECK (a <> 'b'), b)", 'b', "CREATE TABLE t (a CHECK (a <> 'b'))"],
    [
      'nothing of a function',
      'CREATE TABLE t (a CHECK (length(a) > 0), length)',
      'length',
      'CREATE TABLE t (a CHECK (length(a) > 0))',
    ],
  ])('takes out %s', (_what, statement, column, expected) => {
    expect(removeColumn(statement, column)).toBe(expected)
  })

  test.each([
    ['is not there', 'CREATE TABLE t (a, b)', 'c'],
    ['is the only one', 'CREATE TABLE t (a)', 'a'],
    ['is the primary key', 'CREATE TABLE t (a INTEGER PRIMARY KEY, b)', 'a'],
    ['is in the primary key', 'CREATE TABLE t (a, b, PRIMARY KEY (a, b))', 'b'],
    ['shares a UNIQUE', 'CREATE TABLE t (a, b, UNIQUE (a, b))', 'b'],
    ['shares a foreign key', 'CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES u (x, y))', 'b'],
    ['is in the check of the table', 'CREATE TABLE t (a, b, CHECK (a > b))', 'b'],
    ["is in another column's check", 'CREATE TABLE t (a CHECK (a > t."B"), b)', 'b'],
    [
      'is in double quotes in a check, where SQLite would take it for a string',
      'CREATE TABLE t (a CHECK (a > "b"), b)',
      'b',
    ],
    ['makes a generated column', 'CREATE TABLE t (a AS (b + 1), b)', 'b'],
    ['is referred to by the table itself', 'CREATE TABLE t (a REFERENCES "T" (b), b UNIQUE)', 'b'],
    ['is in a table that cannot be read', 'CREATE TABLE t AS SELECT 1 AS a, 2 AS b', 'b'],
  ])('refuses a column that %s', (_what, statement, column) => {
    expect(() => removeColumn(statement, column)).toThrowError(refusal)
  })

  test.each(editable)('leaves a definition that SQLite takes, or refuses: %s', (_what, statement) => {
    for (const column of columnsOf(statement)) {
      const text = edited(() => removeColumn(statement, column))
      if (text !== null) expect(columnsOf(text)).toEqual(columnsOf(statement).filter((name) => name !== column))
    }
    expect(edited(() => removeColumn(statement, 'no such column'))).toBeNull()
  })
})

describe('insertColumn', () => {
  test.each([
    ['behind another', 'CREATE TABLE t (a, c)', 'b TEXT', 'a', 'CREATE TABLE t (a, b TEXT, c)'],
    ['at the end', 'CREATE TABLE t (a, UNIQUE (a))', 'b', 'A', 'CREATE TABLE t (a, b, UNIQUE (a))'],
    ['at the beginning', 'CREATE TABLE t (b)', 'a', null, 'CREATE TABLE t (a, b)'],
    [
      'as its neighbour is laid out',
      'CREATE TABLE t (\n  a INT,\n  c INT\n)',
      'b INT',
      'a',
      'CREATE TABLE t (\n  a INT,\n  b INT,\n  c INT\n)',
    ],
    ['without what stands around it', 'CREATE TABLE t (a)', ' b TEXT -- the b', 'a', 'CREATE TABLE t (a, b TEXT)'],
    [
      'that is quoted',
      'CREATE TABLE t (a)',
      '"b, ""c""" TEXT DEFAULT \',(\'',
      'a',
      'CREATE TABLE t (a, "b, ""c""" TEXT DEFAULT \',(\')',
    ],
  ])('puts a column %s', (_what, statement, definition, after, expected) => {
    expect(insertColumn(statement, definition, after)).toBe(expected)
  })

  test.each([
    ['several columns', 'b, c'],
    ['a constraint', 'UNIQUE (a)'],
    ['a column and a constraint', 'b, UNIQUE (a)'],
    ['more than the list', 'b) STRICT; DROP TABLE t; --'],
    ['nothing', ' '],
    ['an open parenthesis', 'b CHECK (b > 0'],
  ])('refuses %s for a definition', (_what, definition) => {
    expect(() => insertColumn('CREATE TABLE t (a)', definition, 'a')).toThrowError(refusal)
  })

  test('refuses a neighbour that is not there', () => {
    expect(() => insertColumn('CREATE TABLE t (a)', 'b', 'c')).toThrowError(refusal)
  })

  test.each(editable)('leaves a definition that SQLite takes: %s', (_what, statement) => {
    const columns = columnsOf(statement)
    for (const [index, after] of [null, ...columns].entries()) {
      const text = insertColumn(statement, '"new, (column" TEXT DEFAULT \'),\'', after)
      expect(columnsOf(text)).toEqual(columns.toSpliced(index, 0, 'new, (column'))
    }
  })
})

test('edits of random tables leave what SQLite takes, and putting a column in and taking it out gives the same text', () => {
  const seen = { removed: 0, refused: 0, inserted: 0 }
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const maker = new SchemaMaker(draw)
      for (const { sql, columns } of maker.schema().tables) {
        const names = columns.map(({ name }) => name)
        for (const name of names) {
          const text = edited(() => removeColumn(sql, name))
          seen[text === null ? 'refused' : 'removed'] += 1
          if (text !== null) expect(columnsOf(text)).toEqual(names.filter((other) => other !== name))
        }
        const after = maker.choose(names)
        const text = insertColumn(sql, 'added TEXT NOT NULL', after)
        expect(columnsOf(text)).toEqual(names.toSpliced(names.indexOf(after) + 1, 0, 'added'))
        const order = ({ columns: items }: ReturnType<typeof parseCreateTable>) => items.map((item) => item.text)
        expect(order(parseCreateTable(removeColumn(text, 'added')))).toEqual(order(parseCreateTable(sql)))
        seen.inserted += 1
      }
    }),
    { numRuns: 150, endOnFailure: true },
  )
  process.stdout.write(
    `columns of random tables: ${seen.removed} removed, ${seen.refused} refused, ${seen.inserted} inserted\n`,
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
})
