import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { Database } from '../../src/db/database.ts'
import type { Answer, PlainError } from '../../src/db/answer.ts'
import { namesBeside, temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, driverIn, pageAddress } from './stand-in/desktop-app.ts'
import { standInElectron } from './stand-in/electron.ts'
import { registerElectronDatabase } from 'selfsame/electron/main'

const page = 'a'.repeat(32)
const select = { text: 'SELECT 1', params: [] }

/** Main with a database of one row, and a way to send any message to its door. */
async function door(options: Parameters<typeof desktopApp>[1] = {}) {
  const file = temporaryPath('app.sqlite')
  const app = desktopApp(nodeDriver({ filename: file }), options)
  const { window, driver } = app.openWindow()
  const db = new Database(await driver.open())
  await db.batch([{ text: 'CREATE TABLE a (n)' }, { text: 'INSERT INTO a VALUES (1)' }])
  const send = (message: unknown, frame = { url: pageAddress, parent: null as null | { url: string; parent: null } }) =>
    window.invokeAs(frame, 'selfsame:database', message) as Promise<Answer>
  const own = { page, database: 'app' }
  await db.close()
  await send({ ...own, name: 'open', values: ['c', {}] })
  const run = (text: string, ...params: unknown[]) =>
    send({ ...own, name: 'run', values: ['c', [{ text, params }], {}] })
  const inSession = async (text: string) => {
    await send({ ...own, name: 'reserve', values: ['c', 's', {}] })
    try {
      return await send({ ...own, name: 'runInSession', values: ['s', [{ text, params: [] }], {}] })
    } finally {
      await send({ ...own, name: 'release', values: ['s'] })
    }
  }
  return { app, window, file, send, own, run, inSession, close: () => app.close() }
}

function errorOf(answered: Answer): PlainError {
  if ('error' in answered) return answered.error
  throw new Error(`The door let it in: ${JSON.stringify(answered.value)}`)
}

const refusedTexts = [
  `ATTACH 'other.sqlite' AS other`,
  `/* a */ aTtAcH DATABASE 'other.sqlite' AS other`,
  `EXPLAIN ATTACH 'other.sqlite' AS other`,
  'DETACH main',
  `SELECT load_extension('x.so')`,
  `SELECT "load_extension"('x.so')`,
  'SELECT [LOAD_EXTENSION](?)',
  `SELECT load_extension /* a comment between */ ('x')`,
  `CREATE VIEW v AS SELECT load_extension('x.so')`,
  `VACUUM INTO 'copy.sqlite'`,
  `VACUUM main /* */ into 'copy.sqlite'`,
  'PRAGMA journal_mode = DELETE',
  'PRAGMA main.journal_mode(OFF)',
  `PRAGMA "journal_mode" = 'memory'`,
  'PRAGMA [main]. /* a */ `journal_mode` = OFF',
  'EXPLAIN PRAGMA writable_schema = ON',
  'EXPLAIN QUERY PLAN PRAGMA synchronous = OFF',
  'PRAGMA writable_schema',
  'PRAGMA synchronous = 0',
  `PRAGMA temp_store_directory = '/'`,
  `PRAGMA data_store_directory = '/'`,
  'PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA schema_version = 7',
  'PRAGMA main.ignore_check_constraints = ON',
  'PRAGMA trusted_schema = ON',
  'PRAGMA key = x',
  'PRAGMA rekey = x',
  'PRAGMA database_list',
  'PRAGMA legacy_alter_table = ON',
  'SELECT * FROM sqlite_dbpage',
  'SELECT file FROM pragma_database_list',
  'SELECT * FROM (SELECT * FROM Main.[PRAGMA_database_list])',
  'VACUUM INTO ?',
  `CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT load_extension('x'); END`,
  'CREATE VIRTUAL TABLE p USING sqlite_dbpage',
  'PRAGMA locking_mode = EXCLUSIVE',
  'PRAGMA optimize',
  `UPDATE 'sqlite_dbpage' SET data = NULL`,
  'SELECT hex(fts3_tokenizer(?))',
  'SELECT "fts3_tokenizer"(?, NULL)',
  'SELECT [FTS3_Tokenizer] (?)',
  'SELECT `fts3_tokenizer`(?)',
  `CREATE VIEW v AS SELECT fts3_tokenizer('simple')`,
  `CREATE TABLE g (n, m AS (fts3_tokenizer('simple')))`,
  `CREATE TABLE g (n CHECK (fts3_tokenizer(n) IS NULL))`,
  `CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT fts3_tokenizer('simple'); END`,
  `SELECT sqlite3mc_config('cipher', 'chacha20')`,
  'SELECT readfile(?)',
  `SELECT writefile('a', 'b')`,
  'SELECT sqlar_compress(1)',
  `SELECT * FROM zipfile('a')`,
  'SELECT * FROM pragma_optimize(65538)',
  'SELECT * FROM "pragma_wal_checkpoint"(1)',
  'SELECT * FROM pragma_no_such_thing',
  'SELECT rtreenode(2, ?)',
  'CREATE VIEW v AS SELECT "rtreenode"(2, 1)',
  'CREATE TEMP TABLE a (n)',
  'CREATE /* a */ temporary VIEW v AS SELECT 1',
  'CREATE TABLE IF NOT EXISTS temp.a (n)',
  'CREATE VIRTUAL TABLE "Temp".v USING fts5(x)',
  'CREATE VIRTUAL TABLE v USING fts4(x, compress=fts5, uncompress=fts5)',
  `CREATE VIRTUAL TABLE v USING fts4(x, compress='rtreenode', uncompress=hex)`,
  ...['PRAGMA synchronous = 0', 'PRAGMA query_only = ON', `ATTACH 'x' AS y`, 'CREATE TEMP TABLE a (n)', 'BEGIN'].map(
    (text) => `;${text}`,
  ),
  '\ufeff/* a */ ; -- b\n;PRAGMA synchronous = 0',
]

describe('the door refuses', () => {
  test.each(refusedTexts)('%s', async (text) => {
    const { run, close } = await door()
    const { code, details } = errorOf(await run(text, ...(text.includes('?') ? ['x'] : [])))
    await close()
    expect([code, details]).toEqual(['unsupported', { statement: 0 }])
  })

  test.each([
    ['undefined', undefined],
    ['a date', new Date()],
    ['NaN', Number.NaN],
    ['an integer beyond 64 bits', 2n ** 64n],
    ['an object', { toString: 1 }],
    ['an object that names its kind', { constructor: { name: 'a secret' } }],
    ['an object whose kind is none', { constructor: { name: { toString: 1, valueOf: 1 } } }],
    ['a map', new Map()],
    ['a lone surrogate', '\ud800'],
  ])('%s as a value, without saying it back', async (_, value) => {
    const { run, close } = await door()
    const { code, message } = errorOf(await run('INSERT INTO a VALUES (?)', value))
    await close()
    expect(code).toBe('invalid-value')
    expect(message).not.toContain('secret')
  })

  test.each([
    'SELECT readfile(?)',
    'CREATE VIRTUAL TABLE v USING csv(filename=1)',
    'CREATE VIRTUAL TABLE v USING zipfile(1)',
    'SELECT * FROM fsdir(?)',
    'DELETE FROM sqlite_schema',
    'SELECT zeroblob(300000000)',
    `SELECT ${Array.from({ length: 5000 }, () => '1').join('+')}`,
  ])('by way of SQLite: %s', async (text) => {
    const { run, close } = await door()
    expect(['sqlite', 'unsupported']).toContain(
      errorOf(await run(text, ...(text.includes('?') ? ['/etc/passwd'] : []))).code,
    )
    expect(await run('SELECT n FROM a')).toMatchObject({ value: [{ rows: [[1]] }] })
    await close()
  })

  test('two statements in one text, and a transaction that nobody would end', async () => {
    const { run, close } = await door()
    expect(errorOf(await run('SELECT 1; DROP TABLE a')).code).toBe('unsupported')
    expect(errorOf(await run('BEGIN')).code).toBe('unsupported')
    // A window without foreign keys has the connection alone for each run.
    await run('PRAGMA foreign_keys = OFF')
    expect(errorOf(await run('BEGIN')).code).toBe('unsupported')
    await close()
  })

  test.each([
    ['a map', new Map()],
    ['a date', new Date(0)],
    ['an array', []],
    ['a text', 'transaction'],
    ['nothing', undefined],
  ])('%s as options', async (_, options) => {
    const { send, own, close } = await door()
    const answered = await send({ ...own, name: 'run', values: ['c', [{ text: 'SELECT 1', params: [] }], options] })
    await close()
    expect(errorOf(answered).code).toBe('unsupported')
  })

  test.each([
    ['more statements than a batch may have', 'run', ['c', Array.from({ length: 10_001 }, () => select), {}]],
    ['an id that is no name', 'open', ['d e', {}]],
    ['an id without end', 'open', ['d'.repeat(65), {}]],
    ['a number for a switch', 'run', ['c', [select], { transaction: 1 }]],
    ['a text for a switch', 'run', ['c', [select], { transaction: 'false' }]],
    ['a value too many', 'open', ['d', {}, 'e']],
    ['a time that is none', 'open', ['d', { lockTimeoutMs: Number.NaN }]],
    ['a value too few', 'run', ['c', [select]]],
  ])('%s', async (_, name, values) => {
    const { send, own, close } = await door()
    const answered = await send({ ...own, name, values })
    await close()
    expect(errorOf(answered).code).toBe('unsupported')
  })

  test('a text of more than a million characters, and several of more than two', async () => {
    const { run, send, own, close } = await door()
    expect(errorOf(await run(`SELECT ${'+'.repeat(1024 * 1024)}1`)).message).toContain('too long a statement')
    const long = { text: `SELECT ${'+'.repeat(700_000)}1`, params: [] }
    const three = await send({ ...own, name: 'run', values: ['c', [long, long, long], {}] })
    expect(errorOf(three).message).toContain('too long a statement')
    expect(await run(`SELECT 1 /* ${'x'.repeat(1_000_000)} */`)).toHaveProperty('value')
    await close()
  })

  test('calls that wait with more bytes than a window may have under way', async () => {
    const { send, own, run, close } = await door({ limits: { pendingBytes: 1_000_000 } })
    await send({ ...own, name: 'reserve', values: ['c', 's', {}] })
    const insert = () => run('INSERT INTO a VALUES (?)', new Uint8Array(400_000))
    const [first, second, third] = [insert(), insert(), insert()]
    expect(errorOf(await third).code).toBe('unsupported')
    await send({ ...own, name: 'release', values: ['s'] })
    expect([await first, await second]).toMatchObject([{ value: [{}] }, { value: [{}] }])
    expect(await insert()).toHaveProperty('value')
    await close()
  })

  test.each([
    ['rows without end', 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c'],
    [
      'rows of a megabyte',
      'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 20000) SELECT zeroblob(1000000) FROM c',
    ],
  ])('%s, and lives on', async (_, text) => {
    const { run, close } = await door()
    expect(errorOf(await run(text)).code).toBe('unsupported')
    expect(await run('SELECT n FROM a')).toMatchObject({ value: [{ rows: [[1]] }] })
    await close()
  })

  test('an answer that is too large of an engine that gathers it at once', async () => {
    const driver = nodeDriver({ filename: temporaryPath('app.sqlite') })
    const megabyte = new Uint8Array(1_000_000)
    const large = Array.from({ length: 300 }, () => [megabyte])
    const app = desktopApp({
      ...driver,
      open: async () => ({
        ...(await driver.open()),
        run: async ([statement]) => [
          { columns: ['a'], rows: statement?.text === select.text ? large : [], changes: 0, tables: [] },
        ],
      }),
    })
    const connection = await app.openWindow().driver.open()
    await expect(connection.run([select])).rejects.toMatchObject({ code: 'unsupported' })
    await app.close()
  })

  test('a message that is too large', async () => {
    const { run, close } = await door()
    expect(errorOf(await run('INSERT INTO a VALUES (?)', new Uint8Array(65 * 1024 * 1024))).code).toBe('unsupported')
    await close()
  })

  test.each([
    ['another origin', { url: 'https://example.org/', parent: null }],
    ['an origin that begins like ours', { url: 'app://selfsame.example.org/', parent: null }],
    ['a file', { url: 'file:///etc/passwd', parent: null }],
    ['a frame inside our page', { url: pageAddress, parent: { url: pageAddress, parent: null } }],
    ['an empty page', { url: 'about:blank', parent: null }],
  ])('%s', async (_, frame) => {
    const { send, own, close } = await door()
    const answered = await send({ ...own, name: 'run', values: ['c', [{ text: 'SELECT 1', params: [] }], {}] }, frame)
    await close()
    expect(errorOf(answered).code).toBe('unsupported')
  })

  test('two messages in one call', async () => {
    const { window, own, close } = await door()
    const message = { ...own, name: 'run', values: ['c', [select], {}] }
    const answered = await window.invokeAs({ url: pageAddress, parent: null }, 'selfsame:database', message, message)
    await close()
    expect(errorOf(answered as Answer).code).toBe('unsupported')
  })

  test('a frame that has gone', async () => {
    const { window, own, close } = await door()
    const answered = await window.invokeAs(null, 'selfsame:database', { ...own, name: 'open', values: ['d', {}] })
    await close()
    expect(errorOf(answered as Answer).code).toBe('unsupported')
  })

  test.each([{ toString: 1 }, '', 'without a connection', 1])('copies on the connection %j', async (connection) => {
    const { send, own, close } = await door()
    const answered = await send({ ...own, name: 'listCopies', values: [connection, {}] })
    expect(errorOf(answered).message).toMatch(/malformed/)
    await close()
  })

  test.each(['other', '__proto__', 'constructor', 'toString'])('the database %s', async (database) => {
    const { send, close } = await door()
    expect(errorOf(await send({ page, database, name: 'open', values: ['d', {}] })).code).toBe('unsupported')
    await close()
  })

  test.each([
    ['on a connection', 'c'],
    ['without one', null],
  ])('files that are no copies of the database, %s', async (_, connection) => {
    const { send, own, file, close } = await door()
    const before = namesBeside(file)
    const ask = async (name: string, ...values: unknown[]) =>
      errorOf(await send({ ...own, name, values: [connection, ...values] })).code
    expect(await ask('removeCopy', file)).toBe('storage-unavailable')
    expect(await ask('restoreCopy', '/etc/passwd', {})).toBe('storage-unavailable')
    expect(await ask('writeCopy', { location: '/tmp/selfsame-elsewhere.sqlite' })).toBe('unsupported')
    expect(await ask('writeCopy', { directory: '/tmp' })).toBe('unsupported')
    expect(await ask('listCopies', { directory: '/' })).toBe('unsupported')
    expect(namesBeside(file)).toEqual(before)
    await close()
  })

  test('another window’s connection', async () => {
    const { app, close } = await door()
    const other = app.openWindow().window
    const answered = await other.invokeAs({ url: pageAddress, parent: null }, 'selfsame:database', {
      page: 'b'.repeat(32),
      database: 'app',
      name: 'run',
      values: ['c', [{ text: 'SELECT 1', params: [] }], {}],
    })
    await close()
    expect(errorOf(answered as Answer).code).toBe('closed')
  })
})

describe('the door lets in', () => {
  test('a statement again that has failed for another value', async () => {
    const { run, close } = await door()
    await run('CREATE VIEW broken AS SELECT * FROM no_such_table')
    const text = 'SELECT name FROM pragma_table_xinfo(?)'
    expect(errorOf(await run(text, 'broken')).code).toBe('sqlite')
    expect(await run(text, 'a')).toMatchObject({ value: [{ rows: [['n']] }] })
    await close()
  })

  test.each([
    'PRAGMA table_info(a)',
    'PRAGMA main.foreign_key_check',
    'PRAGMA quick_check',
    'PRAGMA journal_mode',
    'PRAGMA user_version = 7',
    `SELECT name FROM pragma_table_info('a')`,
    'SELECT * FROM pragma_foreign_keys, pragma_page_count',
    'CREATE TABLE temp (optimize, rtreenode)',
    'CREATE VIRTUAL TABLE v USING fts5(x)',
    'CREATE VIRTUAL TABLE v USING rtree(id, low, high)',
    `SELECT 'ATTACH', "PRAGMA journal_mode = OFF", [VACUUM INTO] FROM (SELECT 1 AS [PRAGMA journal_mode = OFF], 2 AS [VACUUM INTO])`,
    "-- ATTACH 'x' AS y\nSELECT 1",
    'VACUUM',
  ])('%s', async (text) => {
    const { run, close } = await door()
    const answered = await run(text)
    await close()
    expect(answered).toHaveProperty('value')
  })

  test('what a migration sets, in a session, and puts the connection back after it', async () => {
    const { run, inSession, close } = await door()
    for (const text of ['PRAGMA foreign_keys = OFF', 'PRAGMA legacy_alter_table = ON', 'PRAGMA cache_spill = OFF'])
      expect(await inSession(text)).toHaveProperty('value')
    const other = await run('PRAGMA legacy_alter_table')
    await close()
    expect(other).toMatchObject({ value: [{ rows: [[0]] }] })
  })
})

test('registering refuses what would let everybody in', () => {
  const { ipcMain } = standInElectron()
  const driver = nodeDriver({ filename: 'never-opened.sqlite' })
  const register = (pages: string[], app = driver) => registerElectronDatabase(ipcMain, { pages, databases: { app } })
  expect(() => register([])).toThrow('Name the pages')
  expect(() => register(['*'])).toThrow('by its URL')
  for (const page of ['file:///', 'file:///C:', 'file:///C:/', 'about:blank', 'data:,', 'blob:app://x/'])
    expect(() => register([page])).toThrow('by its URL')
  expect(() => register(['app://selfsame/'], nodeDriver({ filename: ':memory:' }))).toThrow('kept in files')
})

test('a page named with capital letters is the one that Chromium writes in small ones', async () => {
  const driver = nodeDriver({ filename: temporaryPath('app.sqlite') })
  const app = desktopApp(driver, { pages: ['app://SelfSame/'] })
  const connection = await app.openWindow().driver.open()
  expect(connection.engine).toBe('electron')
  await app.close()
})

test('each window switches foreign keys for itself', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }))
  const [first, second] = await Promise.all([app.openWindow().driver.open(), app.openWindow().driver.open()])
  await first.run([{ text: 'PRAGMA foreign_keys = OFF', params: [] }])
  const asked = await Promise.all(
    [first, second].map((each) => each.run([{ text: 'PRAGMA foreign_keys', params: [] }])),
  )
  await app.close()
  expect(asked.map(([result]) => result?.rows[0]?.[0])).toEqual([0, 1])
})

test('the preload shows the page one object with two functions', () => {
  const { newWindow } = standInElectron()
  const window = newWindow(pageAddress)
  driverIn(window)
  expect(Object.keys(window.world)).toEqual(['selfsameDatabase'])
  expect(Object.keys(window.world['selfsameDatabase'] as object).toSorted()).toEqual(['call', 'listen'])
})

test('a refusal writes nothing', async () => {
  const { run, file, close } = await door()
  const hash = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  await run('SELECT 1')
  const before = [hash(), namesBeside(file)]
  for (const text of refusedTexts) await run(text)
  expect([hash(), namesBeside(file)]).toEqual(before)
  await close()
})
