import { afterEach, describe, expect, test } from 'vitest'
import { component } from '../db/migration/shop.ts'
import { openDatabase, type TestDatabase } from '../db/migration/test-database.ts'
import { activeDid, alice, identity } from './legacy.ts'

interface Reader {
  readonly name: string
  /** What the user made. */
  readonly made: readonly string[]
  /** Columns or constraints in settings itself, instead of the plain column. */
  readonly settings?: string
  /** What takes the reader away again; nothing can take a constraint away. */
  readonly gone?: readonly string[]
  /** A word of the warning. */
  readonly says: RegExp
}

const plain = 'activeDid TEXT, firstName TEXT'

const readers: readonly Reader[] = [
  {
    name: 'a view that names it',
    made: ['CREATE VIEW v AS SELECT activeDid FROM settings'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view that names it in other letters',
    made: ['CREATE VIEW v AS SELECT ACTIVEDID FROM Settings'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view that quotes it',
    made: ['CREATE VIEW v AS SELECT s."activeDid" FROM [settings] s'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  { name: 'a view with *', made: ['CREATE VIEW v AS SELECT * FROM settings'], gone: ['DROP VIEW v'], says: /view v/ },
  {
    name: 'a view with alias.*',
    made: ['CREATE VIEW v AS SELECT a.did, s.* FROM accounts a JOIN settings s ON s.id = 1'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view with DISTINCT *',
    made: ['CREATE VIEW v AS SELECT DISTINCT * FROM settings'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view on a view',
    made: ['CREATE VIEW v AS SELECT id, activeDid AS who FROM settings', 'CREATE VIEW w AS SELECT who FROM v'],
    gone: ['DROP VIEW w', 'DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view whose natural join compares it',
    made: ['CREATE TABLE c (activeDid, note)', 'CREATE VIEW v AS SELECT firstName FROM settings NATURAL JOIN c'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a view in a common table expression',
    made: ['CREATE VIEW v AS WITH m AS (SELECT * FROM settings WHERE id = 1) SELECT firstName FROM m'],
    gone: ['DROP VIEW v'],
    says: /view v/,
  },
  {
    name: 'a trigger of the column',
    made: ['CREATE TRIGGER t AFTER UPDATE OF activeDid ON settings BEGIN SELECT 1; END'],
    gone: ['DROP TRIGGER t'],
    says: /trigger t/,
  },
  {
    name: 'a trigger that reads it in OLD',
    made: ['CREATE TRIGGER t AFTER DELETE ON settings BEGIN INSERT INTO audit VALUES (OLD.activeDid); END'],
    gone: ['DROP TRIGGER t'],
    says: /trigger t/,
  },
  {
    name: 'a trigger with a condition on it',
    made: ['CREATE TRIGGER t AFTER UPDATE ON settings WHEN NEW.activeDid IS NULL BEGIN SELECT 1; END'],
    gone: ['DROP TRIGGER t'],
    says: /trigger t/,
  },
  {
    name: 'a trigger elsewhere that writes it',
    made: ['CREATE TRIGGER t AFTER INSERT ON audit BEGIN UPDATE settings SET activeDid = NULL WHERE id = 7; END'],
    gone: ['DROP TRIGGER t'],
    says: /trigger t/,
  },
  {
    name: 'a trigger elsewhere that inserts rows without naming columns',
    made: [
      "CREATE TRIGGER t AFTER INSERT ON audit BEGIN INSERT INTO settings VALUES (NULL, NEW.event, NULL, 'x'); END",
    ],
    gone: ['DROP TRIGGER t'],
    says: /trigger t/,
  },
  {
    name: 'a CHECK of the column',
    settings: "activeDid TEXT CHECK (activeDid LIKE 'did:%'), firstName TEXT",
    made: [],
    says: /settings/,
  },
  {
    name: 'a CHECK of the table',
    settings: 'activeDid TEXT, firstName TEXT, CHECK (activeDid <> firstName)',
    made: [],
    says: /settings/,
  },
  {
    name: 'a CHECK of another column',
    settings: 'activeDid TEXT, firstName TEXT CHECK (firstName IS NOT activeDid)',
    made: [],
    says: /settings/,
  },
  {
    name: 'a generated column',
    settings: 'activeDid TEXT, firstName TEXT, short TEXT AS (substr(activeDid, -4))',
    made: [],
    says: /settings/,
  },
  {
    name: 'a UNIQUE of two columns',
    settings: 'activeDid TEXT, firstName TEXT, UNIQUE (activeDid, accountDid)',
    made: [],
    says: /settings/,
  },
  {
    name: 'an index of two columns',
    made: ['CREATE INDEX i ON settings (activeDid, firstName)'],
    gone: ['DROP INDEX i'],
    says: /index i/,
  },
  {
    name: 'a partial index with it in the condition',
    made: ['CREATE INDEX i ON settings (firstName) WHERE activeDid IS NOT NULL'],
    gone: ['DROP INDEX i'],
    says: /index i/,
  },
  {
    name: 'a partial index on it',
    made: ['CREATE INDEX i ON settings (activeDid) WHERE id > 1'],
    gone: ['DROP INDEX i'],
    says: /index i/,
  },
  {
    name: 'an index on an expression of it',
    made: ['CREATE INDEX i ON settings (lower(activeDid))'],
    gone: ['DROP INDEX i'],
    says: /index i/,
  },
  {
    name: 'a foreign key to it',
    settings: 'activeDid TEXT UNIQUE, firstName TEXT',
    made: ['CREATE TABLE c (did REFERENCES settings (activeDid))'],
    gone: ['DROP TABLE c'],
    says: /table c/,
  },
]

const open = async ({ settings = plain, made }: Pick<Reader, 'settings' | 'made'>) => {
  const opened = await openDatabase()
  await opened.runUnguarded(
    'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
    `CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, ${settings})`,
    'CREATE TABLE audit (event)',
    `INSERT INTO accounts (did) VALUES ('${alice}')`,
    `INSERT INTO settings (id, activeDid) VALUES (1, '${alice}')`,
    ...made,
  )
  return opened
}

let opened: TestDatabase
afterEach(() => opened.close())

describe.each(readers)('$name', (reader) => {
  test('holds identity-0005 back, with a warning', async () => {
    opened = await open(reader)
    const report = await opened.migrate(identity)
    expect(report).toMatchObject({ outcome: 'migrated', held: ['identity-0005'] })
    expect(report.warnings).toEqual([expect.stringMatching(/^identity-0005 waits: /)])
    expect(report.warnings[0]).toMatch(reader.says)
    expect(await activeDid(opened)).toBe(alice)
  })

  test('is no reason to migrate again at the next launch', async () => {
    opened = await open(reader)
    await opened.migrate(identity)
    expect(await opened.migrate(identity)).toMatchObject({
      outcome: 'current',
      applied: [],
      held: ['identity-0005'],
      backup: null,
    })
  })

  test('is no reason to go on that a rollback loses', async () => {
    opened = await open(reader)
    const before = await opened.snapshot()
    await opened.migrate(identity)
    await opened.rollback(identity)
    expect(await opened.snapshot()).toEqual(before)
  })
})

test.each(readers.filter(({ gone }) => gone))('$name lets identity-0005 go on once it is gone', async (reader) => {
  opened = await open(reader)
  await opened.migrate(identity)
  await opened.run(...(reader.gone ?? []))
  expect(await opened.migrate(identity)).toMatchObject({
    outcome: 'migrated',
    applied: ['identity-0005'],
    held: [],
    warnings: [],
  })
  expect(await opened.list("SELECT name FROM pragma_table_info('settings')")).not.toContain('activeDid')
})

describe.each<{ name: string; made: readonly string[]; settings?: string }>([
  { name: 'a view of other columns', made: ['CREATE VIEW v AS SELECT firstName FROM settings'] },
  { name: 'a view that counts', made: ['CREATE VIEW v AS SELECT count(*) AS n, 2 * 3 AS six FROM settings'] },
  {
    name: 'a view with the word in a comment',
    made: ['CREATE VIEW v AS SELECT firstName /* not activeDid */ FROM settings -- activeDid'],
  },
  {
    name: 'a view of a table of the same column',
    made: ['CREATE TABLE c (activeDid)', 'CREATE VIEW v AS SELECT activeDid FROM c'],
  },
  {
    name: 'a trigger on other columns',
    made: [
      'CREATE TRIGGER t AFTER UPDATE OF firstName ON settings BEGIN INSERT INTO audit VALUES (NEW.firstName); END',
    ],
  },
  {
    name: 'a trigger elsewhere that names its columns',
    made: [
      "CREATE TRIGGER t AFTER INSERT ON audit BEGIN INSERT INTO settings (accountDid, firstName) VALUES (NEW.event, 'x'); END",
    ],
  },
  { name: 'an index on it alone', made: ['CREATE INDEX i ON settings (activeDid)'] },
  { name: 'a unique index on it alone', made: ['CREATE UNIQUE INDEX i ON settings (activeDid COLLATE NOCASE DESC)'] },
  { name: 'UNIQUE on it alone', settings: 'activeDid TEXT UNIQUE, firstName TEXT', made: [] },
  { name: 'a foreign key of its own', settings: 'activeDid TEXT REFERENCES accounts (did), firstName TEXT', made: [] },
  {
    name: 'a table-level UNIQUE on it alone',
    settings: 'activeDid TEXT, firstName TEXT, UNIQUE (activeDid)',
    made: [],
  },
])('$name', ({ made, settings }) => {
  test('does not hold identity-0005 back', async () => {
    opened = await open({ made, ...(settings ? { settings } : {}) })
    expect(await opened.migrate(identity)).toMatchObject({ outcome: 'migrated', held: [], warnings: [] })
  })

  test('is there to the letter after a rollback', async () => {
    opened = await open({ made, ...(settings ? { settings } : {}) })
    const before = await opened.snapshot()
    await opened.migrate(identity)
    await opened.rollback(identity)
    expect(await opened.snapshot()).toEqual(before)
  })
})

test.each([
  'SELECT activeDid FROM active_identity',
  'SELECT s.firstName, active_identity.activeDid FROM settings s, active_identity',
])('The view %s, made while it waits, does not hold identity-0005 back', async (query) => {
  opened = await open({ made: [] })
  await opened.migrate(identity, { hold: ['identity-0005'] })
  await opened.run(`CREATE VIEW v AS ${query}`)
  expect(await opened.migrate(identity)).toMatchObject({ applied: ['identity-0005'], held: [] })
  expect(await opened.rows('SELECT activeDid FROM v')).toEqual([{ activeDid: alice }])
})

test('A view of active_identity is named when a rollback would break it, and nothing changes', async () => {
  opened = await open({ made: [] })
  await opened.migrate(identity)
  await opened.run('CREATE VIEW who AS SELECT activeDid FROM active_identity')
  const before = await opened.snapshot()
  await expect(opened.rollback(identity)).rejects.toMatchObject({
    code: 'patch-failed',
    details: { objects: ['the view who'] },
  })
  expect(await opened.snapshot()).toEqual(before)
})

describe.each([
  ['a view', 'CREATE VIEW shop_who AS SELECT activeDid FROM settings WHERE id = 1'],
  [
    'a trigger',
    'CREATE TRIGGER shop_who AFTER UPDATE ON main.settings BEGIN INSERT INTO audit VALUES (NEW.activeDid); END',
  ],
])('%s that a component of the app creates anew', (_, repeatable) => {
  const components = (text: string) => [
    ...identity,
    component('shop', [['CREATE TABLE shop_t (x)']], { repeatables: [text] }),
  ]
  const harmless = repeatable.replaceAll('activeDid', 'firstName')

  test('holds identity-0005 back at the first launch and at every other', async () => {
    opened = await open({ made: [] })
    expect(await opened.migrate(components(repeatable))).toMatchObject({ outcome: 'migrated', held: ['identity-0005'] })
    expect(await opened.migrate(components(repeatable))).toMatchObject({ outcome: 'current', held: ['identity-0005'] })
  })

  test('lets identity-0005 go on in the very launch that brings its new text', async () => {
    opened = await open({ made: [] })
    await opened.migrate(components(repeatable))
    expect(await opened.migrate(components(harmless))).toMatchObject({
      outcome: 'migrated',
      applied: ['identity-0005'],
      held: [],
    })
    await opened.run("UPDATE settings SET firstName = 'Ada'")
  })

  test('waits with identity-0005 while it is held by the app, and both go on together', async () => {
    opened = await open({ made: [] })
    await opened.migrate(components(harmless), { hold: ['identity-0005'] })
    expect(await opened.migrate(components(harmless))).toMatchObject({ applied: ['identity-0005'], held: [] })
  })
})
