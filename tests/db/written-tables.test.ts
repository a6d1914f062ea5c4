import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { WrittenTables } from '../../src/db/written-tables.ts'

function open(...schema: readonly string[]) {
  const database = new DatabaseSync(':memory:')
  for (const text of schema) database.exec(text)
  const asked: string[] = []
  const written = new WrittenTables((text) => {
    asked.push(text)
    const statement = database.prepare(text)
    statement.setReturnArrays(true)
    return statement.all() as never
  })
  return { database, asked, written, tables: (text: string) => written.of(text).tables.toSorted() }
}

test('what can only read asks the engine nothing', () => {
  const { asked, written } = open('CREATE TABLE a (n)')
  for (const text of ['SELECT * FROM a', '-- x\nvalues (1)', 'EXPLAIN DELETE FROM a']) {
    expect(written.of(text)).toMatchObject({ writes: false, tables: [] })
  }
  expect(asked).toEqual([])
})

test('what wrote nothing because a table was there, writes once the table is gone', () => {
  const { database, written } = open('CREATE TABLE a (n)')
  expect(written.of('CREATE TABLE IF NOT EXISTS a (n)')).toMatchObject({ writes: false })
  database.exec('DROP TABLE a')
  expect(written.of('CREATE TABLE IF NOT EXISTS a (n)')).toMatchObject({ writes: true, changesSchema: true })
})

test('a PRAGMA that is given a value makes every statement be explained anew, one that looks at something does not', () => {
  const { asked, written } = open('CREATE TABLE a (n)')
  const explained = () => asked.filter((text) => text === 'EXPLAIN DELETE FROM a').length
  written.of('DELETE FROM a')
  for (const text of [
    'PRAGMA table_info(a)',
    'PRAGMA main.index_list(a)',
    'PRAGMA foreign_keys',
    'PRAGMA user_version;',
  ]) {
    written.of(text)
    written.of('DELETE FROM a')
    expect([text, explained()]).toEqual([text, 1])
  }
  let times = 1
  for (const text of [
    'PRAGMA foreign_keys = OFF',
    'PRAGMA main.foreign_keys(ON)',
    'pragma ignore_check_constraints=1',
    'EXPLAIN PRAGMA foreign_keys = ON',
    'explain query plan PRAGMA foreign_keys(OFF)',
  ]) {
    written.of(text)
    written.of('DELETE FROM a')
    times += 1
    expect([text, explained()]).toEqual([text, times])
  }
})

test('a statement that writes is explained once for a schema', () => {
  const { asked, database, written } = open('CREATE TABLE a (n)')
  for (let time = 0; time < 3; time += 1) written.of('INSERT INTO a VALUES (1)')
  expect(asked.filter((text) => text.startsWith('EXPLAIN'))).toHaveLength(1)
  database.exec('CREATE TABLE b (n); CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (1); END')
  expect(written.of('INSERT INTO a VALUES (1)').tables.toSorted()).toEqual(['a', 'b'])
})

test('what only reads, writes no table', () => {
  const { written } = open('CREATE TABLE a (n)')
  for (const text of [
    'SELECT 1',
    'PRAGMA user_version',
    'EXPLAIN DELETE FROM a',
    '/* x */ explain query plan DELETE FROM a',
    'COMMIT',
  ]) {
    expect(written.of(text)).toMatchObject({ writes: false, tables: [] })
  }
})

test('what writes no table is known to write all the same', () => {
  const { written } = open('CREATE TABLE a (n)')
  for (const text of ['PRAGMA user_version = 5', 'VACUUM', 'BEGIN IMMEDIATE']) {
    expect(written.of(text)).toMatchObject({ writes: true, tables: [], inserts: false })
  }
})

test('a chain of triggers and foreign key actions is followed to its end', () => {
  const { tables } = open(
    'CREATE TABLE a (id INTEGER PRIMARY KEY)',
    'CREATE TABLE b (a REFERENCES a (id) ON DELETE SET NULL ON UPDATE CASCADE)',
    'CREATE TABLE c (n)',
    'CREATE TABLE d (n)',
    'CREATE TRIGGER b_c AFTER UPDATE ON b BEGIN INSERT INTO c VALUES (1); END',
    'CREATE TRIGGER c_d AFTER INSERT ON c BEGIN DELETE FROM d; END',
  )
  expect(tables('DELETE FROM a WHERE id = 1')).toEqual(['a', 'b', 'c', 'd'])
  expect(tables('UPDATE a SET id = 2')).toEqual(['a', 'b', 'c', 'd'])
  expect(tables('INSERT INTO a VALUES (1)')).toEqual(['a'])
})

test('a foreign key that only refuses writes nothing', () => {
  const { tables } = open(
    'CREATE TABLE a (id INTEGER PRIMARY KEY)',
    'CREATE TABLE b (a REFERENCES a (id) ON DELETE RESTRICT)',
  )
  expect(tables('DELETE FROM a')).toEqual(['a'])
})

test('indexes, AUTOINCREMENT and a table without rowids count as their table', () => {
  const { tables } = open(
    'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n UNIQUE)',
    'CREATE INDEX by_n ON a (n)',
    'CREATE TABLE b (k PRIMARY KEY, n UNIQUE) WITHOUT ROWID',
  )
  expect(tables('INSERT INTO a (n) VALUES (1)')).toEqual(['a'])
  expect(tables('DELETE FROM a')).toEqual(['a'])
  expect(tables('INSERT INTO b VALUES (1, 2)')).toEqual(['b'])
  expect(tables('REINDEX a')).toEqual(['a'])
})

test('a change of the schema is one of sqlite_schema, and of the tables it writes', () => {
  const { tables } = open('CREATE TABLE a (n)', 'CREATE INDEX by_n ON a (n)')
  expect(tables('CREATE TABLE b (n)')).toEqual(['sqlite_schema'])
  expect(tables('CREATE VIEW v AS SELECT 1')).toEqual(['sqlite_schema'])
  expect(tables('CREATE TEMP TABLE t (n)')).toEqual(['sqlite_schema'])
  expect(tables('ALTER TABLE a RENAME TO b')).toEqual(['sqlite_schema'])
  expect(tables('DROP TABLE a')).toEqual(['a', 'sqlite_schema'])
})

test('tables of TEMP and of an attached database go by their own names', () => {
  const { tables } = open(
    'CREATE TABLE same (n)',
    "ATTACH ':memory:' AS other",
    'CREATE TABLE other.elsewhere (n)',
    'CREATE TEMP TABLE passing (n)',
  )
  expect(tables('INSERT INTO other.elsewhere VALUES (1)')).toEqual(['elsewhere'])
  expect(tables('INSERT INTO passing VALUES (1)')).toEqual(['passing'])
  expect(tables('INSERT INTO same SELECT n FROM other.elsewhere')).toEqual(['same'])
})

test('a virtual table is named, among several', () => {
  const { tables } = open(
    'CREATE VIRTUAL TABLE notes USING fts5(body)',
    'CREATE VIRTUAL TABLE "other ""notes" USING fts5(body)',
    'CREATE TABLE a (n)',
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO notes VALUES (new.n); END',
  )
  expect(tables(`INSERT INTO "other ""notes" VALUES ('x')`)).toEqual(['other "notes'])
  expect(tables('INSERT INTO a VALUES (1)')).toEqual(['a', 'notes'])
})

test('what inserts is told apart from what may turn an insert into an update', () => {
  const { written } = open('CREATE TABLE a (id INTEGER PRIMARY KEY, n)', 'CREATE TABLE b (k PRIMARY KEY) WITHOUT ROWID')
  expect(written.of('INSERT INTO a VALUES (1, 1)')).toMatchObject({ inserts: true, upserts: false })
  expect(written.of('REPLACE INTO a VALUES (1, 1)')).toMatchObject({ inserts: true, upserts: false })
  expect(written.of('INSERT INTO a SELECT * FROM a')).toMatchObject({ inserts: true, upserts: false })
  expect(written.of('INSERT INTO a VALUES (1, 1) ON CONFLICT DO UPDATE SET n = 2')).toMatchObject({
    inserts: true,
    upserts: true,
  })
  expect(written.of('UPDATE a SET n = 1')).toMatchObject({ inserts: false })
  expect(written.of('DELETE FROM a')).toMatchObject({ inserts: false })
  expect(written.of('INSERT INTO b VALUES (1)')).toMatchObject({ inserts: false, writes: true })
})
