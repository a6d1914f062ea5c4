import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCreateTable } from '../../../src/db/sql-text/create-table.ts'
import { SchemaMaker } from '../migration/rebuild/random-schema.ts'
import { oddTables } from './odd-tables.ts'

/** What SQLite itself says of the one table that a statement makes. */
function sqliteView(statement: string) {
  const database = new DatabaseSync(':memory:')
  database.exec(statement)
  const [object] = database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .all()
  const name = String(object?.name)
  const columns = database.prepare('SELECT name, hidden FROM pragma_table_xinfo(?) ORDER BY cid').all(name)
  const kind = database.prepare('SELECT wr, strict FROM pragma_table_list(?)').get(name)
  const counts = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").all().length > 0
  const foreignKeys = database.prepare('SELECT count(DISTINCT id) AS n FROM pragma_foreign_key_list(?)').get(name)
  database.close()
  return {
    stored: String(object?.sql),
    facts: {
      name,
      columns: columns.map((column) => ({ name: String(column.name), generated: Number(column.hidden) > 1 })),
      withoutRowid: kind?.wr === 1,
      strict: kind?.strict === 1,
      autoincrement: counts,
    },
    foreignKeys: Number(foreignKeys?.n),
  }
}

function ourView(statement: string) {
  const { name, columns, withoutRowid, strict, autoincrement } = parseCreateTable(statement)
  return {
    name,
    columns: columns.map((column) => ({ name: column.name, generated: column.generated })),
    withoutRowid,
    strict,
    autoincrement,
  }
}

describe('parseCreateTable', () => {
  test.each(oddTables)('reads as SQLite does: %s', (_what, statement) => {
    const { stored, facts } = sqliteView(statement)
    expect(ourView(stored)).toEqual(facts)
    if (!/\bAS\s+SELECT\b/.test(statement)) expect(ourView(statement)).toEqual(facts)
  })

  test('reads random tables as SQLite does', () => {
    let tables = 0
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        for (const { sql } of new SchemaMaker(draw).schema().tables) {
          const { stored, facts } = sqliteView(sql)
          expect(ourView(stored)).toEqual(facts)
          expect(ourView(sql)).toEqual(facts)
          tables += 1
        }
      }),
      { numRuns: 200, endOnFailure: true },
    )
    process.stdout.write(`${tables} random CREATE TABLE statements read as SQLite reads them\n`)
  })

  test('tells constraints that no comma separates apart, with the columns each is on', () => {
    const { columns, constraints } = parseCreateTable(
      `CREATE TABLE t (a REFERENCES u(a), b CHECK (b > a), c AS (a + length(b)) STORED,
        CONSTRAINT "p k" PRIMARY KEY (a COLLATE NOCASE DESC, 'b') ON CONFLICT ABORT UNIQUE ([c]) CONSTRAINT x CONSTRAINT y CHECK (a IN (1, ')'))
        FOREIGN KEY (a, b) REFERENCES T (b, c) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (c) REFERENCES u CONSTRAINT last)`,
    )
    expect(columns.map(({ uses }) => uses)).toEqual([[], ['b', 'a'], ['a', 'b']])
    expect(constraints.map(({ kind, columns: on, uses }) => ({ kind, on, uses }))).toEqual([
      { kind: 'primary key', on: ['a', 'b'], uses: [] },
      { kind: 'unique', on: ['c'], uses: [] },
      { kind: 'check', on: ['a'], uses: [] },
      { kind: 'foreign key', on: ['a', 'b'], uses: ['b', 'c'] },
      { kind: 'foreign key', on: ['c'], uses: [] },
      { kind: 'name', on: [], uses: [] },
    ])
  })

  test('knows the schema that a text names', () => {
    expect(parseCreateTable('CREATE TEMP TABLE t (a)').schema).toBe('temp')
    expect(parseCreateTable('CREATE TABLE IF NOT EXISTS "main" . t (a)')).toMatchObject({ schema: 'main', name: 't' })
    expect(parseCreateTable('CREATE TABLE t (a)').schema).toBeUndefined()
  })

  test.each([
    ['CREATE TABLE … AS SELECT', 'CREATE TABLE t AS SELECT 1 AS a'],
    ['a virtual table', 'CREATE VIRTUAL TABLE t USING fts5(a)'],
    ['another statement', 'CREATE INDEX i ON t (a)'],
    ['nothing', ''],
    ['a list that does not close', 'CREATE TABLE t (a, b'],
    ['a check that does not close', 'CREATE TABLE t (a CHECK (a > 0, b)'],
    ['an empty list', 'CREATE TABLE t ()'],
    ['an empty column', 'CREATE TABLE t (a,, b)'],
    ['a comma too many', 'CREATE TABLE t (a, )'],
    ['a constraint before the columns', 'CREATE TABLE t (UNIQUE (a), a)'],
    ['a column behind a constraint', 'CREATE TABLE t (a, UNIQUE (a), b)'],
    ['an option that is not known', 'CREATE TABLE t (a) WITHOUT OIDS'],
    ['a second statement', 'CREATE TABLE t (a); DROP TABLE u'],
    ['a semicolon inside', 'CREATE TABLE t (a; b)'],
    ['an unterminated literal', "CREATE TABLE t (a DEFAULT 'x, b)"],
  ])('refuses %s', (_what, statement) => {
    expect(() => parseCreateTable(statement)).toThrowError(expect.objectContaining({ code: 'unsupported' }))
  })
})
