import { afterEach, describe, expect, test } from 'vitest'
import { fingerprint } from '../../../../src/db/migration/schema/fingerprint.ts'
import { readSnapshot } from '../../../../src/db/migration/schema/snapshot.ts'
import { openEngine, type Engine, type TestDatabase } from '../rebuild/open-engine.ts'

const open: TestDatabase[] = []
afterEach(async () => {
  for (const database of open.splice(0)) await database.close()
})

async function databaseWith(engine: Engine, statements: readonly string[]): Promise<TestDatabase> {
  const database = await openEngine(engine)
  open.push(database)
  for (const statement of statements) await database.run(statement)
  return database
}

async function printOf(engine: Engine, statements: readonly string[]): Promise<string> {
  return fingerprint((await databaseWith(engine, statements)).reader)
}

const base = [
  'CREATE TABLE p (x INTEGER PRIMARY KEY, u TEXT UNIQUE)',
  `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
  'CREATE INDEX i ON t (a, b DESC) WHERE c IS NOT NULL',
  "CREATE VIEW v AS SELECT a, 'x y' AS lit FROM t",
  'CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = new.a; END',
]

/** `base` with one statement, the one that begins the same way, in another form. */
function withOther(statement: string): string[] {
  const start = statement.split(' ').slice(0, 3).join(' ')
  return base.map((other) =>
    other.startsWith(start) || other.replace('UNIQUE ', '').startsWith(start) ? statement : other,
  )
}

describe.each<Engine>(['node', 'sql.js'])('the fingerprint on %s', (engine) => {
  test.each<[string, string[], string[]]>([
    [
      'a column was there from the start or was added',
      ['CREATE TABLE t (a INT, b TEXT DEFAULT 7)'],
      ['CREATE TABLE t(a INT)', 'ALTER TABLE t ADD COLUMN b  TEXT   DEFAULT  7'],
    ],
    [
      'a column was added before the constraints',
      ['CREATE TABLE t (a, b, UNIQUE (a))'],
      ['CREATE TABLE t (a, UNIQUE (a))', 'ALTER TABLE t ADD b'],
    ],
    [
      'a table was renamed',
      ['CREATE TABLE settings (a)', 'CREATE INDEX i ON settings (a)'],
      ['CREATE TABLE s (a)', 'CREATE INDEX i ON s (a)', 'ALTER TABLE s RENAME TO settings'],
    ],
    [
      'a renamed table is referred to',
      ['CREATE TABLE p (x PRIMARY KEY)', 'CREATE TABLE c (a REFERENCES p (x))', 'CREATE VIEW v AS SELECT x FROM p'],
      [
        'CREATE TABLE q (x PRIMARY KEY)',
        'CREATE TABLE c (a REFERENCES q (x))',
        'CREATE VIEW v AS SELECT x FROM q',
        'ALTER TABLE q RENAME TO p',
      ],
    ],
    [
      'a column was renamed',
      ['CREATE TABLE t (a, b CHECK (b > a))'],
      ['CREATE TABLE t (z, b CHECK (b > z))', 'ALTER TABLE t RENAME COLUMN z TO a'],
    ],
    ['a column was dropped', ['CREATE TABLE t (a, c)'], ['CREATE TABLE t (a, b, c)', 'ALTER TABLE t DROP COLUMN b']],
    [
      'names are quoted otherwise',
      ['CREATE TABLE "t" ([a] INT, `b` CHECK ("b" > 0))', 'CREATE INDEX [i] ON "t" (`a`)'],
      ['CREATE TABLE t (a INT, b CHECK (b > 0))', 'CREATE INDEX i ON t (a)'],
    ],
    [
      'comments and white space differ',
      [
        'CREATE TABLE t (a /* the a */ INT,\n  b CHECK (b>0) -- positive\n)',
        'CREATE VIEW v AS\n  SELECT a -- all\n  FROM t',
      ],
      ['CREATE TABLE t(a int, b CHECK( b > 0 ))', 'CREATE VIEW v AS SELECT a FROM t'],
    ],
    [
      'objects were made in another order',
      ['CREATE TABLE t (a)', 'CREATE TABLE u (a)', 'CREATE INDEX i ON t (a)', 'CREATE INDEX j ON t (a DESC)'],
      ['CREATE TABLE u (a)', 'CREATE TABLE t (a)', 'CREATE INDEX j ON t (a DESC)', 'CREATE INDEX i ON t (a)'],
    ],
    [
      'a constraint is written on the column or on the table',
      ['CREATE TABLE t (a UNIQUE REFERENCES p (x), b CHECK (b > 0))'],
      ['CREATE TABLE t (a, b, CHECK (b > 0), UNIQUE (a), FOREIGN KEY (a) REFERENCES p (x))'],
    ],
    ['a default collation is written out', ['CREATE TABLE t (a COLLATE BINARY)'], ['CREATE TABLE t (a)']],
    [
      'a table came from a SELECT',
      ['CREATE TABLE t (a INT, b TEXT)'],
      ['CREATE TABLE s (a INTEGER, b TEXT)', 'CREATE TABLE t AS SELECT * FROM s', 'DROP TABLE s'],
    ],
    [
      'our own tables and the rows differ',
      ['CREATE TABLE t (a)'],
      [
        'CREATE TABLE t (a)',
        'CREATE TABLE selfsame_ledger (x)',
        'CREATE INDEX j ON selfsame_ledger (x)',
        'INSERT INTO t VALUES (1)',
        'ANALYZE',
      ],
    ],
  ])('is the same where %s', async (_what, one, other) => {
    expect(await printOf(engine, other)).toBe(await printOf(engine, one))
  })

  test.each([
    [
      'a type',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'NOT NULL',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a default',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'y', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'the white space in a default',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT ' x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'the primary key',
      `CREATE TABLE t (id INTEGER, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'AUTOINCREMENT',
      `CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a primary key that is not the rowid',
      `CREATE TABLE t (id INTEGER PRIMARY KEY DESC, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a collation',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a check',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c >= 0))`,
    ],
    [
      'the action of a foreign key',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE SET NULL, c CHECK (c > 0))`,
    ],
    [
      'the update action of a foreign key',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE ON UPDATE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a foreign key that is deferred',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, c CHECK (c > 0))`,
    ],
    [
      'the column that a foreign key refers to',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (u) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'the order of columns',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, b INT REFERENCES p (x) ON DELETE CASCADE, a TEXT NOT NULL DEFAULT 'x', c CHECK (c > 0))`,
    ],
    [
      'the case of a name',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, A TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a UNIQUE',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x' UNIQUE, b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a conflict clause',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL ON CONFLICT IGNORE DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0))`,
    ],
    [
      'a generated column',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c AS (b + 1) CHECK (c > 0))`,
    ],
    [
      'WITHOUT ROWID',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p (x) ON DELETE CASCADE, c CHECK (c > 0)) WITHOUT ROWID`,
    ],
    ['the columns of an index', 'CREATE INDEX i ON t (a, c DESC) WHERE c IS NOT NULL'],
    ['the order of the columns of an index', 'CREATE INDEX i ON t (b DESC, a) WHERE c IS NOT NULL'],
    ['the direction of an index', 'CREATE INDEX i ON t (a, b) WHERE c IS NOT NULL'],
    ['the collation of an index', 'CREATE INDEX i ON t (a COLLATE NOCASE, b DESC) WHERE c IS NOT NULL'],
    ['an expression in an index', 'CREATE INDEX i ON t (lower(a), b DESC) WHERE c IS NOT NULL'],
    ['the condition of an index', 'CREATE INDEX i ON t (a, b DESC) WHERE c IS NULL'],
    ['a condition of an index that was not there', 'CREATE INDEX i ON t (a, b DESC)'],
    ['the body of a trigger', 'CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = new.a || 1; END'],
    ['when a trigger fires', 'CREATE TRIGGER r BEFORE INSERT ON t BEGIN UPDATE t SET a = new.a; END'],
    ['a literal in a view', "CREATE VIEW v AS SELECT a, 'x  y' AS lit FROM t"],
  ])('differs with %s', async (_what, statement) => {
    const changed = withOther(statement)
    expect(changed).not.toEqual(base)
    expect(await printOf(engine, changed)).not.toBe(await printOf(engine, base))
  })

  test.each<[string, string, string]>([
    ['STRICT', 'CREATE TABLE t (a INT)', 'CREATE TABLE t (a INT) STRICT'],
    ['a unique index', 'CREATE TABLE t (a UNIQUE)', 'CREATE TABLE t (a)'],
    ['a generated column that is stored', 'CREATE TABLE t (a, b AS (a) STORED)', 'CREATE TABLE t (a, b AS (a))'],
    ['what a column is generated from', 'CREATE TABLE t (a, b AS (a))', 'CREATE TABLE t (a, b AS (a || 1))'],
    [
      'the order of a primary key',
      'CREATE TABLE t (a, b, PRIMARY KEY (a, b))',
      'CREATE TABLE t (a, b, PRIMARY KEY (b, a))',
    ],
    ['the collation of a key', 'CREATE TABLE t (a, UNIQUE (a COLLATE NOCASE))', 'CREATE TABLE t (a, UNIQUE (a))'],
    ['the direction of a key', 'CREATE TABLE t (a, UNIQUE (a DESC))', 'CREATE TABLE t (a, UNIQUE (a))'],
    ['the order of a key', 'CREATE TABLE t (a, b, UNIQUE (a, b))', 'CREATE TABLE t (a, b, UNIQUE (b, a))'],
    ['which column a collation is of', 'CREATE TABLE t (a COLLATE NOCASE, b)', 'CREATE TABLE t (a, b COLLATE NOCASE)'],
    [
      'a quoted name that is a value without quotes',
      'CREATE VIEW v AS SELECT "true" FROM (SELECT 2 AS "true")',
      'CREATE VIEW v AS SELECT true FROM (SELECT 2 AS "true")',
    ],
    ['a column more', 'CREATE TABLE t (a)', 'CREATE TABLE t (a, b)'],
  ])('differs with %s alone', async (_what, one, other) => {
    expect(await printOf(engine, [one])).not.toBe(await printOf(engine, [other]))
  })

  test('differs with an index that is unique', async () => {
    const [one, other] = ['CREATE UNIQUE INDEX i ON t (a)', 'CREATE INDEX i ON t (a)'].map((index) =>
      printOf(engine, ['CREATE TABLE t (a)', index]),
    )
    expect(await one).not.toBe(await other)
  })

  test('is 64 hexadecimal digits, and takes four queries however many tables there are', async () => {
    const many = Array.from({ length: 40 }, (_, at) => [
      `CREATE TABLE t${at} (a REFERENCES t0, b)`,
      `CREATE INDEX i${at} ON t${at} (a)`,
    ]).flat()
    const { reader } = await databaseWith(engine, many)
    let queries = 0
    const print = await fingerprint({
      query: (statement) => {
        queries += 1
        return reader.query(statement)
      },
    })
    expect(print).toMatch(/^[0-9a-f]{64}$/)
    expect(queries).toBe(4)
  })

  test('is there in spite of a view that does not compile', async () => {
    expect(await printOf(engine, ['CREATE TABLE t (a)', 'CREATE VIEW v AS SELECT b FROM nowhere'])).toMatch(
      /^[0-9a-f]{64}$/,
    )
  })

  test('has our own tables in it when asked', async () => {
    const { reader } = await databaseWith(engine, [
      'CREATE TABLE selfsame_ledger (a)',
      'CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)',
    ])
    expect((await readSnapshot(reader)).tables.map(({ name }) => name)).toEqual(['t'])
    expect((await readSnapshot(reader, { own: true })).tables.map(({ name }) => name)).toEqual(['selfsame_ledger', 't'])
  })
})

test('two engines agree on the fingerprint of one schema', async () => {
  expect(await printOf('sql.js', base)).toBe(await printOf('node', base))
})
