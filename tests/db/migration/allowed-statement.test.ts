import { afterEach, describe, expect, test } from 'vitest'
import { component } from './shop.ts'
import { engines, openDatabase, type TestDatabase } from './test-database.ts'

const temporary = [
  'CREATE TEMP TABLE t (x)',
  'create temporary table t (x)',
  'CREATE TABLE temp.t (x)',
  'CREATE TABLE IF NOT EXISTS "Temp" . t (x)',
  'CREATE UNIQUE INDEX temp.i ON t (x)',
  'CREATE VIRTUAL TABLE temp.v USING fts5 (x)',
  'CREATE TEMP VIEW v AS SELECT 1',
  'CREATE TEMP TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t; END',
  'CREATE TRIGGER IF NOT EXISTS temp.tr AFTER INSERT ON t BEGIN DELETE FROM t; END',
]
const connection = [
  "ATTACH 'other' AS other",
  'DETACH other',
  'PRAGMA recursive_triggers = ON',
  'PRAGMA main.ignore_check_constraints = 1',
  '/* why */ PRAGMA "query_only" = ON',
]
const ours = [
  'DELETE FROM selfsame_ledger',
  'INSERT INTO main."selfsame_ledger" (name) VALUES (1)',
  'REPLACE INTO selfsame_cursors VALUES (1, 2, 3)',
  'UPDATE OR IGNORE Selfsame_Ledger SET checksum = 1',
  'DROP TABLE IF EXISTS selfsame_repairs',
  'ALTER TABLE selfsame_set_up ADD COLUMN x',
  'CREATE TABLE IF NOT EXISTS selfsame_new (x)',
  'WITH a AS (SELECT 1) DELETE FROM selfsame_ledger',
  'CREATE INDEX i ON selfsame_ledger (name)',
  'CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM selfsame_ledger; END',
]
const history = [
  "DELETE FROM selfsame_ledger WHERE name = 'a-0001'",
  'UPDATE OR IGNORE Selfsame_Ledger SET checksum = 1',
  'INSERT INTO main."selfsame_cursors" VALUES (1, 2, 3)',
  'RELEASE selfsame_batch',
  'ROLLBACK TO SAVEPOINT "selfsame_batch"',
]
const explained = ['EXPLAIN CREATE TABLE t (x)', 'EXPLAIN QUERY PLAN DELETE FROM t']

describe('A patch', () => {
  test.each([...temporary, ...connection, ...ours, ...explained])('may not say %s', (text) => {
    expect(() => component('a', [['CREATE TABLE t (x)', text]])).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    )
    expect(() => component('a', [{ statements: ['SELECT 1'], revert: [text] }])).toThrow('a-0001')
  })

  test.each([
    'CREATE TABLE temp (x)',
    'CREATE TABLE main.temporary (temp)',
    'CREATE INDEX i ON t (temp)',
    'INSERT INTO t SELECT name FROM selfsame_ledger',
    'CREATE UNIQUE INDEX selfsame_accounts_did ON accounts (did)',
    'DROP TRIGGER IF EXISTS selfsame_mirror_to_settings',
    "INSERT INTO t VALUES ('DELETE FROM selfsame_ledger; PRAGMA x')",
    'PRAGMA user_version = 3',
    'PRAGMA main.application_id = 7',
  ])('may say %s', (text) => {
    expect(() => component('a', [[text]])).not.toThrow()
  })
})

describe.each(engines)('A step’s code on %s', (engine) => {
  let opened: TestDatabase
  afterEach(() => opened?.close())

  const refused = [...temporary, ...connection, ...history, 'EXPLAIN PRAGMA recursive_triggers = ON']
  test.each(refused)('may not say %s', async (text) => {
    opened = await openDatabase(engine)
    for (const way of ['query', 'queryOne', 'execute', 'batch'] as const) {
      const code = `says it by ${way}`
      const a = component('a', [
        [
          'CREATE TABLE t (x)',
          { code, run: async (tx) => void (way === 'batch' ? await tx.batch([{ text }]) : await tx[way]({ text })) },
        ],
      ])
      expect((await opened.launch([a])).error).toMatchObject({ code: 'unsupported', details: { patch: 'a-0001' } })
    }
    expect(await opened.list('SELECT name FROM sqlite_temp_schema')).toEqual([])
    expect(await opened.list("SELECT name FROM pragma_database_list WHERE name <> 'temp'")).toEqual(['main'])
    expect(await opened.value('PRAGMA recursive_triggers')).toBe(0)
    expect(await opened.value('PRAGMA ignore_check_constraints')).toBe(0)
  })

  test('may read and write, number the file, and ask for a plan', async () => {
    opened = await openDatabase(engine)
    const run = async (tx: { query: TestDatabase['db']['query'] }) => {
      await tx.query({ text: 'PRAGMA user_version = 7' })
      await tx.query({ text: 'EXPLAIN QUERY PLAN SELECT * FROM t' })
    }
    await opened.migrate([component('a', [['CREATE TABLE t (x)', { code: 'numbers', run }]])])
    expect(await opened.value('PRAGMA user_version')).toBe(7)
  })
})
