import type { ErrorCode } from '../../errors/index.ts'
import { expectEqual, expectRejection, expectSqliteError, expectTrue } from './expectations.ts'
import { connectionTest, run, runAll, type ConformanceTest } from './conformance-test.ts'

const schema = [
  'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code TEXT UNIQUE, age CHECK (age > 0))',
  'CREATE TABLE child (parent REFERENCES parent (id), a, b, PRIMARY KEY (a, b))',
  'CREATE TABLE strict_one (n INTEGER) STRICT',
  "CREATE TRIGGER guarded BEFORE DELETE ON parent BEGIN SELECT RAISE(ABORT, 'not this one'); END",
  "INSERT INTO parent VALUES (1, 'x', 'c', 5)",
  'INSERT INTO child VALUES (1, 1, 1)',
]

const failures: readonly { text: string; code: ErrorCode; primary: string; extended: string }[] = [
  {
    text: "INSERT INTO parent VALUES (1, 'y', 'd', 5)",
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  },
  {
    text: "INSERT INTO parent VALUES (2, 'y', 'c', 5)",
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_UNIQUE',
  },
  {
    text: 'INSERT INTO child VALUES (1, 1, 1)',
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  },
  {
    text: "INSERT INTO parent VALUES (2, NULL, 'd', 5)",
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_NOTNULL',
  },
  {
    text: "INSERT INTO parent VALUES (2, 'y', 'd', 0)",
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_CHECK',
  },
  {
    text: 'INSERT INTO child VALUES (9, 2, 2)',
    code: 'foreign-key-violation',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  },
  { text: 'DELETE FROM parent', code: 'sqlite', primary: 'SQLITE_CONSTRAINT', extended: 'SQLITE_CONSTRAINT_TRIGGER' },
  {
    text: "INSERT INTO strict_one VALUES ('x')",
    code: 'sqlite',
    primary: 'SQLITE_CONSTRAINT',
    extended: 'SQLITE_CONSTRAINT_DATATYPE',
  },
  {
    text: "INSERT INTO parent (id, name) VALUES ('x', 'y')",
    code: 'sqlite',
    primary: 'SQLITE_MISMATCH',
    extended: 'SQLITE_MISMATCH',
  },
  { text: 'SELECT * FROM nowhere', code: 'sqlite', primary: 'SQLITE_ERROR', extended: 'SQLITE_ERROR' },
  { text: 'SELECT nothing FROM parent', code: 'sqlite', primary: 'SQLITE_ERROR', extended: 'SQLITE_ERROR' },
  { text: 'SELEKT 1', code: 'sqlite', primary: 'SQLITE_ERROR', extended: 'SQLITE_ERROR' },
  { text: 'CREATE TABLE parent (id)', code: 'sqlite', primary: 'SQLITE_ERROR', extended: 'SQLITE_ERROR' },
  { text: 'SELECT abs(-9223372036854775808)', code: 'sqlite', primary: 'SQLITE_ERROR', extended: 'SQLITE_ERROR' },
]

export const errorTests: readonly ConformanceTest[] = [
  ...failures.map(({ text, code, primary, extended }) =>
    connectionTest(`errors: ${text} fails as ${extended}`, async (connection, { capabilities }) => {
      await runAll(connection, schema)
      await expectSqliteError(run(connection, text), code, { primary, extended }, capabilities)
      expectEqual((await run(connection, 'SELECT count(*) FROM parent')).rows, [[1]], 'the connection works afterwards')
    }),
  ),
  connectionTest('errors: no bound value is in what an error says', async (connection) => {
    await run(connection, 'CREATE TABLE a (secret TEXT UNIQUE)')
    const canary = 'canary-7c1d4a'
    await run(connection, 'INSERT INTO a VALUES (?)', canary)
    const error = await expectRejection(run(connection, 'INSERT INTO a VALUES (?)', canary), 'sqlite')
    expectTrue(
      !JSON.stringify([error, error.message, String(error.cause)]).includes(canary),
      'the error repeats a bound value',
    )
  }),
  connectionTest('errors: RESTRICT is a foreign key violation', async (connection) => {
    await runAll(connection, [
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (parent REFERENCES parent (id) ON DELETE RESTRICT)',
      'INSERT INTO parent VALUES (1)',
      'INSERT INTO child VALUES (1)',
    ])
    const error = await expectRejection(run(connection, 'DELETE FROM parent'), 'foreign-key-violation')
    expectEqual(error.sqlite?.primary, 'SQLITE_CONSTRAINT')
  }),
  connectionTest('errors: the failed statement of a batch is named', async (connection) => {
    await run(connection, 'CREATE TABLE a (n UNIQUE)')
    const batch = [
      'INSERT INTO a VALUES (1)',
      'INSERT INTO a VALUES (2)',
      'INSERT INTO a VALUES (1)',
      'INSERT INTO a VALUES (3)',
    ]
    const error = await expectRejection(runAll(connection, batch, { transaction: true }), 'sqlite')
    expectEqual(error.details?.statement, 2)
  }),
  connectionTest(
    'errors: a deferred foreign key fails at the end of the batch, and nothing is kept',
    async (connection, { capabilities }) => {
      await runAll(connection, [
        'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
        'CREATE TABLE child (parent REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)',
      ])
      await expectSqliteError(
        runAll(connection, ['INSERT INTO child VALUES (1)', 'SELECT 1'], { transaction: true }),
        'foreign-key-violation',
        { primary: 'SQLITE_CONSTRAINT', extended: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
        capabilities,
      )
      expectEqual((await run(connection, 'SELECT count(*) FROM child')).rows, [[0]])
    },
  ),
]
