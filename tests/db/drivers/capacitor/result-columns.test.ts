import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { resultColumns } from '../../../../src/db/drivers/capacitor/result-columns.ts'
import type { KnownSchema, KnownTable } from '../../../../src/db/drivers/capacitor/schema.ts'

const database = new DatabaseSync(':memory:')
database.exec(
  `CREATE TABLE a (Id INTEGER PRIMARY KEY, name TEXT, "odd . name"); CREATE TABLE b (id, other); CREATE VIEW v AS SELECT name AS N FROM a`,
)

const table = (name: string, columns: string[]): [string, KnownTable] => [
  name,
  { name, columns, hasRowid: true, replaces: false, triggers: new Set(), cascades: false },
]
const schema: KnownSchema = {
  foreignKeys: true,
  pages: new Map(),
  tables: new Map([table('a', ['Id', 'name', 'odd . name']), table('b', ['id', 'other'])]),
}

// Each is right or not known; most are known, or the driver would ask SQLite for every one.
const texts: readonly (readonly [text: string, known: boolean])[] = [
  ['SELECT 1', true],
  ['SELECT 1 AS x, 2 AS "y z", 3 AS [w], 4 AS \'t\'', true],
  ['SELECT ?, 1 + 1, count(*), max( name )  FROM a', true],
  ['SELECT name, NAME, a.name FROM a', true],
  ['SELECT id FROM a', true],
  ['SELECT * FROM a', true],
  ['SELECT a.* FROM a JOIN b ON a.Id = b.id', true],
  ['SELECT x.*, 1 AS one FROM b AS x', true],
  ['SELECT x.*, 1 one FROM b x', false],
  ['SELECT * FROM a JOIN b USING (id)', false],
  ['SELECT * FROM a, b', false],
  ['SELECT * FROM v', false],
  ['SELECT * FROM (SELECT 1)', false],
  ['SELECT (name) FROM a', false],
  ['SELECT name COLLATE nocase FROM a', true],
  ['SELECT true, false AS f, FALSE FROM a', true],
  ['SELECT name || 1 /* a */, 1 -- b\n FROM a', true],
  ['SELECT rowid, v.n FROM a, (SELECT 1 AS N) AS v', false],
  ["SELECT +name, -1, NOT name, name IS NULL, name || '.' FROM a", false],
  ["SELECT name || '.' , -1 FROM a", true],
  ['SELECT CASE WHEN name THEN 1 ELSE 2 END FROM a', true],
  ['SELECT EXISTS (SELECT 1 FROM a AS l WHERE l.name = 1)', true],
  ['SELECT name IS DISTINCT FROM Id FROM a', false],
  ['SELECT DISTINCT name, other FROM a, b', true],
  ['SELECT 1 AS a UNION ALL SELECT other FROM b', true],
  ['WITH c (x) AS (SELECT 5) SELECT x AS y, sum(x) FROM c', true],
  ['WITH c (X) AS (SELECT 5) SELECT x FROM c', false],
  ['VALUES (1, 2)', false],
  ['SELECT true, null, current_time', false],
  ['SELECT rowid, name FROM a', false],
  ['SELECT 1 AS first, -- a comment, here\n 2 /* , */ + 3 FROM a', true],
  ['SELECT name n FROM a', false],
  ['SELECT count(*) n FROM a', false],
  ['SELECT "odd . name" FROM a', true],
  ["SELECT json_extract(name, '$.x') FROM a ORDER BY 1 LIMIT 1", true],
]

describe("a SELECT's column names, read from its text", () => {
  it.each(texts)('%s', (text, known) => {
    const found = resultColumns(text, schema)
    expect(found !== undefined).toBe(known)
    const real = database
      .prepare(text)
      .columns()
      .map(({ name }) => name)
    expect(found?.names ?? real).toEqual(real)
  })
})
