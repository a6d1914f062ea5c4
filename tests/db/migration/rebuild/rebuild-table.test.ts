import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Queryable } from '../../../../src/db/database.ts'
import { DataLayerError } from '../../../../src/errors/index.ts'
import { rebuildTable, type TableChange } from '../../../../src/db/migration/rebuild/rebuild-table.ts'
import { removeColumn } from '../../../../src/db/sql-text/edit-table.ts'
import { openEngine, type Engine, type TestDatabase } from './open-engine.ts'

describe.each<Engine>(['node', 'sql.js'])('rebuildTable on %s', (engine) => {
  let db: TestDatabase
  const rebuild = (change: TableChange) => db.transaction((tx) => rebuildTable(tx, change))
  const schema = async () =>
    (await db.rows('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')).map((row) => String(row.sql))

  beforeEach(async () => {
    db = await openEngine(engine)
  })
  afterEach(() => db.close())

  /** How the change is refused, and whether nothing of the database is changed. */
  const refusal = async (change: TableChange) => {
    const state = async () => [await schema(), await db.rows('PRAGMA legacy_alter_table')]
    const before = JSON.stringify(await state())
    const error: unknown = await rebuild(change).catch((thrown: unknown) => thrown)
    const unchanged = JSON.stringify(await state()) === before
    if (!(error instanceof DataLayerError)) return { error, unchanged }
    const broken = error.details?.broken
    return { code: error.code, unchanged, ...(broken ? { broken } : {}) }
  }

  test('keeps the text of everything that refers to the table to the letter', async () => {
    const settings =
      'CREATE TABLE settings (id INTEGER PRIMARY KEY AUTOINCREMENT, activeDid TEXT, name TEXT, parent REFERENCES settings(id) ON DELETE CASCADE)'
    const others = [
      'CREATE TABLE child (a REFERENCES settings(id) ON DELETE CASCADE, b, FOREIGN KEY (b) REFERENCES "settings"(id) ON DELETE SET NULL)',
      'CREATE VIEW v AS SELECT settings.id, name FROM settings',
      'CREATE VIEW v2 AS SELECT * FROM v JOIN settings USING (id)',
      'CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN INSERT INTO settings (name) VALUES (new.name); END',
      'CREATE TRIGGER from_child AFTER INSERT ON child BEGIN UPDATE settings SET name = new.b WHERE settings.id = new.a; END',
    ]
    const own = [
      'CREATE INDEX by_name ON settings (name) WHERE settings.name IS NOT NULL',
      'CREATE TRIGGER first AFTER INSERT ON settings BEGIN INSERT INTO child (a, b) VALUES (new.id, new.name); END',
      'CREATE TRIGGER second AFTER UPDATE OF name ON settings BEGIN SELECT 1; END',
    ]
    await db.run(settings, ...others, ...own)
    await db.run(
      "INSERT INTO settings (id, activeDid, name) VALUES (7, 'x', 'a'), (9, 'y', 'b')",
      'DELETE FROM settings WHERE id = 9',
    )
    const children = await db.rows('SELECT rowid AS r, * FROM child')
    expect(children).toHaveLength(2)

    await rebuild({ table: 'settings', sql: removeColumn(settings, 'activeDid') })

    const counter = 'CREATE TABLE sqlite_sequence(name,seq)'
    expect(await schema()).toEqual([counter, ...others, removeColumn(settings, 'activeDid'), ...own])
    expect(await db.rows('SELECT * FROM settings')).toEqual([{ id: 7, name: 'a', parent: null }])
    expect(await db.rows('SELECT rowid AS r, * FROM child')).toEqual(children)
    expect(await db.rows('SELECT * FROM sqlite_sequence')).toEqual([{ name: 'settings', seq: 9 }])
  })

  test('refuses while foreign keys are on', async () => {
    await db.run('CREATE TABLE a (x, y)', 'PRAGMA foreign_keys = ON')
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x)' })).toEqual({ code: 'unsupported', unchanged: true })
  })

  test('would delete the rows of others without that refusal', async () => {
    await db.run('CREATE TABLE a (id INTEGER PRIMARY KEY, y)', 'CREATE TABLE c (z REFERENCES a ON DELETE CASCADE)')
    await db.run('INSERT INTO a VALUES (1, 1)', 'INSERT INTO c VALUES (1)', 'PRAGMA foreign_keys = ON')
    await db.transaction((tx) => {
      const off = async () => ({ foreign_keys: 0 }) as never
      const blind: Queryable = {
        ...tx,
        queryOne: (query) => (query.text === 'PRAGMA foreign_keys' ? off() : tx.queryOne(query)),
      }
      return rebuildTable(blind, { table: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY)' }).catch(() => undefined)
    })
    expect(await db.rows('SELECT * FROM c')).toEqual([])
  })

  test('rebuilds a table that SQLite cannot rename because a check says table.column', async () => {
    await db.run(
      'CREATE TABLE a (x, y CHECK (a.y > 0), w TEXT COLLATE NOCASE)',
      "INSERT INTO a (rowid, x, y, w) VALUES (5, 1, 2, 'Q'), (3, 4.5, 6, 'q')",
    )
    await rebuild({
      table: 'a',
      sql: 'CREATE TABLE a (y CHECK (a.y > 0), z DEFAULT 7, x)',
      columns: { x: "a.x + (w = 'q')" },
    })
    expect(await db.rows('SELECT rowid AS r, * FROM a')).toEqual([
      { r: 3, y: 6, z: 7, x: 5.5 },
      { r: 5, y: 2, z: 7, x: 2 },
    ])
    expect(await schema()).toEqual(['CREATE TABLE a (y CHECK (a.y > 0), z DEFAULT 7, x)'])
  })

  test('gives a column the value of its expression, and a new one its default', async () => {
    await db.run('CREATE TABLE a (x, y)', "INSERT INTO a VALUES (1, 'one'), (2, NULL)")
    await rebuild({
      table: 'a',
      sql: 'CREATE TABLE a (y TEXT, z INTEGER NOT NULL DEFAULT 4, x)',
      columns: { Y: "a.y || '!' -- louder" },
    })
    expect(await db.rows('SELECT * FROM a')).toEqual([
      { y: 'one!', z: 4, x: 1 },
      { y: null, z: 4, x: 2 },
    ])
  })

  test('keeps rowids that a column called rowid hides, and the rowid that a new INTEGER PRIMARY KEY takes over', async () => {
    await db.run(
      'CREATE TABLE a (rowid, _rowid_)',
      "INSERT INTO a (oid, rowid) VALUES (40, 'x')",
      'CREATE TABLE b (x)',
      'INSERT INTO b (rowid, x) VALUES (50, 1)',
    )
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (_rowid_, rowid, z)' })
    await rebuild({ table: 'b', sql: 'CREATE TABLE b (id INTEGER PRIMARY KEY, x)' })
    expect(await db.rows('SELECT oid AS r, rowid AS c FROM a')).toEqual([{ r: 40, c: 'x' }])
    expect(await db.rows('SELECT id, x FROM b')).toEqual([{ id: 50, x: 1 }])
  })

  test('a column that is the rowid wins over the hidden rowid it had before', async () => {
    await db.run('CREATE TABLE a (id, x)', 'INSERT INTO a (rowid, id, x) VALUES (1, 30, 1), (2, 20, 2)')
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY, x)' })
    expect(await db.rows('SELECT rowid AS r, id, x FROM a')).toEqual([
      { r: 20, id: 20, x: 2 },
      { r: 30, id: 30, x: 1 },
    ])
  })

  test("keeps a row that the new table's own ON CONFLICT would drop, or fails", async () => {
    await db.run('CREATE TABLE a (x, y)', 'INSERT INTO a VALUES (1, 1), (1, 2)')
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x UNIQUE ON CONFLICT IGNORE, y)' })).toEqual({
      code: 'sqlite',
      unchanged: true,
    })
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x UNIQUE ON CONFLICT REPLACE, y)' })).toEqual({
      code: 'sqlite',
      unchanged: true,
    })
    expect(await db.rows('SELECT count(*) AS n FROM a')).toEqual([{ n: 2 }])
  })

  test("fires none of the user's triggers", async () => {
    await db.run('CREATE TABLE a (x)', 'CREATE TABLE log (x)', 'INSERT INTO a VALUES (1)')
    for (const [at, event] of [
      'BEFORE INSERT',
      'AFTER INSERT',
      'BEFORE DELETE',
      'AFTER DELETE',
      'BEFORE UPDATE',
    ].entries()) {
      await db.run(`CREATE TRIGGER t${at} ${event} ON a BEGIN INSERT INTO log VALUES ('${event}'); END`)
    }
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (x, y)' })
    expect(await db.rows('SELECT * FROM log')).toEqual([])
    await db.run('INSERT INTO a (x) VALUES (2)')
    expect(await db.rows('SELECT * FROM log')).toHaveLength(2)
  })

  test('keeps an AUTOINCREMENT counter that is ahead of the rows, and the absence of one', async () => {
    await db.run(
      'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, x)',
      'INSERT INTO a (id) VALUES (100)',
      'DELETE FROM a',
    )
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT)' })
    expect(await db.rows('SELECT * FROM sqlite_sequence')).toEqual([{ name: 'a', seq: 100 }])
    await db.run('DELETE FROM sqlite_sequence', 'INSERT INTO a (id) VALUES (3)', 'DELETE FROM sqlite_sequence')
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, y)' })
    expect(await db.rows('SELECT * FROM sqlite_sequence')).toEqual([])
  })

  test("keeps the planner's statistics", async () => {
    await db.run(
      'CREATE TABLE a (x, y)',
      'CREATE INDEX i ON a (x)',
      'CREATE INDEX j ON a (y)',
      'INSERT INTO a VALUES (1, 2), (3, 4)',
      'ANALYZE',
    )
    const before = await db.rows('SELECT * FROM sqlite_stat1 ORDER BY idx')
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (x)', dropIndexes: ['j'] })
    expect(before).toHaveLength(2)
    expect(await db.rows('SELECT * FROM sqlite_stat1')).toEqual(before.filter(({ idx }) => idx !== 'j'))
  })

  test('names the view that the change would break, not one that was broken before', async () => {
    await db.run(
      'CREATE TABLE a (x, y)',
      'CREATE VIEW good AS SELECT x FROM a',
      'CREATE VIEW bad AS SELECT y FROM a',
      'CREATE VIEW broken AS SELECT z FROM a',
    )
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x)' })).toEqual({
      code: 'patch-failed',
      unchanged: true,
      broken: ['the view bad'],
    })
  })

  test('names the table whose triggers the change would break', async () => {
    await db.run(
      'CREATE TABLE a (x, y)',
      'CREATE TABLE b (z)',
      'CREATE TRIGGER t AFTER DELETE ON b BEGIN UPDATE a SET y = 1; END',
    )
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x)' })).toEqual({
      code: 'patch-failed',
      unchanged: true,
      broken: ['a trigger on b'],
    })
  })

  test.each([
    ['a trigger on its update', 'CREATE TRIGGER t AFTER UPDATE OF x, y ON a BEGIN SELECT 1; END', 'the trigger t'],
    ['a view that would read it as a string', 'CREATE VIEW v AS SELECT "y" FROM a', 'the view v'],
    [
      'a trigger elsewhere that would read it as a string',
      'CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE a SET x = "y"; END',
      'the trigger t',
    ],
    ['an index', 'CREATE INDEX i ON a (x, "y")', 'the index i'],
    ['the condition of an index', 'CREATE INDEX i ON a (x) WHERE y IS NOT NULL', 'the index i'],
    ['a foreign key to it', 'CREATE TABLE c (z REFERENCES A (Y))', 'a foreign key of c'],
  ])('refuses to take out a column that is needed by %s', async (_what, statement, broken) => {
    await db.run('CREATE TABLE a (x, y UNIQUE)', 'CREATE TABLE b (z)', statement)
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x)' })).toEqual({
      code: 'patch-failed',
      unchanged: true,
      broken: [broken],
    })
  })

  test.each<[string, Partial<TableChange>]>([
    ['of another table', { sql: 'CREATE TABLE b (x)' }],
    ['in another schema', { sql: 'CREATE TEMP TABLE a (x)' }],
    ['that selects', { sql: 'CREATE TABLE a AS SELECT 1 AS x' }],
    ['that keeps no column', { sql: 'CREATE TABLE a (z)' }],
    ['with a value for a column that is not there', { columns: { z: '1' } }],
    ['with a value for a generated column', { sql: 'CREATE TABLE a (x, z AS (x + 1))', columns: { z: '1' } }],
    ['with a value that queries the table itself', { columns: { x: '(SELECT max(x) FROM a)' } }],
    ['that drops an index there is not', { dropIndexes: ['j'] }],
    ['of a view', { table: 'v' }],
    ['of a table of SQLite', { table: 'sqlite_schema' }],
    ['of a table that is not there', { table: 'nope' }],
  ])('refuses a definition %s', async (_what, change) => {
    await db.run(
      'CREATE TABLE a (x, y)',
      'CREATE INDEX i ON a (x)',
      'CREATE VIEW v AS SELECT 1 AS x',
      'CREATE VIEW w AS SELECT x FROM a',
    )
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x)', ...change })).toEqual({
      code: 'unsupported',
      unchanged: true,
    })
  })

  test('refuses a table with TEMP triggers, which it could not bring back', async () => {
    await db.run('CREATE TABLE a (x)', 'CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END')
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x, y)' })).toEqual({
      code: 'unsupported',
      unchanged: true,
    })
  })

  test('refuses a table that a TEMP table hides', async () => {
    await db.run('CREATE TABLE a (x)', 'CREATE TEMP TABLE A (y)')
    expect(await refusal({ table: 'a', sql: 'CREATE TABLE a (x, y)' })).toEqual({
      code: 'unsupported',
      unchanged: true,
    })
  })

  test('keeps a row that breaks a check it had before, and refuses one that breaks a new check', async () => {
    await db.run(
      'CREATE TABLE a (x CHECK (x > 0), y)',
      'CREATE TABLE b (x CHECK (b.x > 0), y)',
      'PRAGMA ignore_check_constraints = ON',
    )
    await db.run(
      'INSERT INTO a VALUES (-1, 2)',
      'INSERT INTO b VALUES (-1, 2)',
      'PRAGMA ignore_check_constraints = OFF',
    )
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (x CHECK ("x" > 0), z DEFAULT 3)' })
    await rebuild({ table: 'b', sql: 'CREATE TABLE b (x CHECK (b.x > 0), z DEFAULT 3)' })
    expect(await db.rows('SELECT * FROM a UNION ALL SELECT * FROM b')).toEqual([
      { x: -1, z: 3 },
      { x: -1, z: 3 },
    ])
    expect(await db.rows('PRAGMA ignore_check_constraints')).toEqual([{ ignore_check_constraints: 0 }])
    const change = { table: 'a', sql: 'CREATE TABLE a (x CHECK (x > 0), z CHECK (z > 3))' }
    expect(await refusal(change)).toEqual({ code: 'sqlite', unchanged: true })
  })

  test('steps aside under another name where an object already has the one it would use', async () => {
    await db.run(
      'CREATE TABLE a (x)',
      'CREATE TABLE selfsame_old_a (y)',
      'INSERT INTO a VALUES (1)',
      'INSERT INTO selfsame_old_a VALUES (2)',
    )
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (x, z)' })
    expect(await db.rows('SELECT * FROM selfsame_old_a, a')).toEqual([{ y: 2, x: 1, z: null }])
  })

  test('leaves legacy_alter_table as it was', async () => {
    await db.run('CREATE TABLE a (x)', 'PRAGMA legacy_alter_table = ON')
    await rebuild({ table: 'a', sql: 'CREATE TABLE a (x, z)' })
    expect(await db.rows('PRAGMA legacy_alter_table')).toEqual([{ legacy_alter_table: 1 }])
  })
})
