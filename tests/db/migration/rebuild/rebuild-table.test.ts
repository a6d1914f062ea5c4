import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rebuildTable } from '../../../../src/db/migration/rebuild/rebuild-table.ts'
import { removeColumn } from '../../../../src/db/sql-text/edit-table.ts'
import { openEngine, type Engine, type TestDatabase } from './open-engine.ts'

describe.each<Engine>(['node', 'sql.js'])('rebuildTable on %s', (engine) => {
  let db: TestDatabase
  const run = async (...statements: string[]) => void (await db.batch(statements.map((text) => ({ text }))))
  const schema = async () => (await db.query({ text: 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid' })).map((row) => row.sql)

  beforeEach(async () => {
    db = await openEngine(engine)
  })
  afterEach(() => db.close())

  test('keeps the text of everything that refers to the table to the letter', async () => {
    const settings = 'CREATE TABLE settings (id INTEGER PRIMARY KEY AUTOINCREMENT, activeDid TEXT, name TEXT, parent REFERENCES settings(id) ON DELETE CASCADE)'
    const others = [
      'CREATE TABLE child (a REFERENCES settings(id) ON DELETE CASCADE, b, FOREIGN KEY (b) REFERENCES "settings"(id) ON DELETE SET NULL)',
      'CREATE VIEW v AS SELECT settings.id, name FROM settings',
      'CREATE VIEW v2 AS SELECT * FROM v JOIN settings USING (id)',
      'CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN INSERT INTO settings (name) VALUES (new.name); END',
      'CREATE TRIGGER from_child AFTER INSERT ON child BEGIN UPDATE settings SET name = new.a * 2 WHERE settings.id = new.a; END',
    ]
    const own = [
      'CREATE INDEX by_name ON settings (name) WHERE settings.name IS NOT NULL',
      'CREATE TRIGGER own AFTER INSERT ON settings BEGIN INSERT INTO child (a) VALUES (new.id); END',
    ]
    await run(settings, ...others, ...own, "INSERT INTO settings (id, name) VALUES (7, 'a'), (9, 'b')", 'DELETE FROM settings WHERE id = 9')
    const before = await db.query({ text: 'SELECT rowid, * FROM child' })

    await run('BEGIN IMMEDIATE')
    await rebuildTable(db, { table: 'settings', sql: removeColumn(settings, 'activeDid') })
    await run('COMMIT')

    const after = await schema()
    expect(after.toSorted()).toEqual([removeColumn(settings, 'activeDid'), 'CREATE TABLE sqlite_sequence(name,seq)', ...others, ...own].toSorted())
    expect(await db.query({ text: 'SELECT * FROM settings' })).toEqual([{ id: 7, name: '14', parent: null }])
    expect(await db.query({ text: 'SELECT rowid, * FROM child' })).toEqual(before)
    expect(await db.query({ text: 'SELECT * FROM sqlite_sequence' })).toEqual([{ name: 'settings', seq: 9 }])
  })

  test('refuses while foreign keys are on, and changes nothing', async () => {
    await run('CREATE TABLE a (x, y)', 'PRAGMA foreign_keys = ON')
    await expect(rebuildTable(db, { table: 'a', sql: 'CREATE TABLE a (x)' })).rejects.toMatchObject({ code: 'unsupported' })
    expect(await schema()).toEqual(['CREATE TABLE a (x, y)'])
  })

  test('rebuilds a table that SQLite cannot rename because a check says table.column', async () => {
    await run('CREATE TABLE a (x, y CHECK (a.y > 0))', 'INSERT INTO a (rowid, x, y) VALUES (5, 1, 2), (3, 4.5, 6)')
    await rebuildTable(db, { table: 'a', sql: 'CREATE TABLE a (y CHECK (a.y > 0), z DEFAULT 7, x)', columns: { x: 'a.x + 1' } })
    expect(await db.query({ text: 'SELECT rowid AS r, * FROM a' })).toEqual([
      { r: 3, y: 6, z: 7, x: 5.5 },
      { r: 5, y: 2, z: 7, x: 2 },
    ])
  })

  test('names the view that the change would break', async () => {
    await run('CREATE TABLE a (x, y)', 'CREATE VIEW good AS SELECT x FROM a', 'CREATE VIEW bad AS SELECT y FROM a', 'CREATE VIEW broken AS SELECT z FROM a')
    await expect(rebuildTable(db, { table: 'a', sql: 'CREATE TABLE a (x)' })).rejects.toMatchObject({
      code: 'patch-failed',
      details: { table: 'a', broken: ['the view bad'] },
    })
  })
})
