import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDataLayer } from 'selfsame'
import type { CapacitorSQLitePlugin, SecretProvider } from 'selfsame/capacitor'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import type { DriverConnection } from '../../src/db/driver.ts'
import { driverFor } from '../capacitor/driver-for.ts'
import type { NativeApp } from '../capacitor/host.ts'
import { androidHost } from './android-host.ts'

// One app for all: each test has a database of its own.
const folder = mkdtempSync(join(tmpdir(), 'selfsame-encrypt-'))
let app: NativeApp
beforeAll(async () => {
  app = await androidHost({ settings: { androidIsEncryption: true } }).start(folder)
})
afterAll(async () => {
  await app.stop()
  rmSync(folder, { recursive: true, force: true })
})

const secretProvider: SecretProvider = { read: async () => 'ab'.repeat(32) }
const plainDriver = (name: string) => driverFor(app, 'android', name)
const encryptedDriver = (name: string) => driverFor(app, 'android', name, { secretProvider })

async function rowsOf(connection: DriverConnection, text: string) {
  const [result] = await connection.run([{ text, params: [] }])
  return result?.rows
}

async function writePlain(name: string, texts: readonly string[]): Promise<void> {
  const plain = await plainDriver(name).open()
  for (const text of texts) await rowsOf(plain, text)
  await plain.close()
}

test('a legacy database that was migrated and lost rows is encrypted, row numbers and counters included', async () => {
  const legacy = await plainDriver('legacy').open()
  await writeLegacyDatabase(legacy, buildLegacyDatabase({ accounts: 3, contacts: 2, logs: 3 }))
  await legacy.close()
  const dataLayer = createDataLayer({ driver: plainDriver('legacy') })
  expect((await dataLayer.launch()).outcome).toBe('migrated')
  await dataLayer.close()
  await writePlain('legacy', ['DELETE FROM logs WHERE rowid = 2'])
  const numbers = ['SELECT rowid, * FROM logs', 'SELECT * FROM sqlite_sequence ORDER BY name', 'SELECT * FROM accounts']
  const plain = await plainDriver('legacy').open()
  const before = await Promise.all(numbers.map((text) => rowsOf(plain, text)))
  await plain.close()
  const encrypted = await encryptedDriver('legacy').open()
  expect(await Promise.all(numbers.map((text) => rowsOf(encrypted, text)))).toEqual(before)
  await encrypted.close()
  const again = createDataLayer({ driver: encryptedDriver('legacy') })
  expect((await again.launch()).outcome).toBe('current')
  await again.close()
})

test('the counter of a dropped table before another one does not keep a database from being encrypted', async () => {
  await writePlain('counters', [
    'CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT)',
    'CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT)',
    'INSERT INTO a VALUES (4)',
    'INSERT INTO b VALUES (7)',
    'DROP TABLE a',
  ])
  const connection = await encryptedDriver('counters').open()
  expect(await rowsOf(connection, 'SELECT name, seq FROM sqlite_sequence')).toEqual([['b', 7]])
  await connection.close()
})

test('a full-text index finds the rows of its table by number after the table was encrypted', async () => {
  await writePlain('search', [
    'CREATE TABLE page (body)',
    `INSERT INTO page VALUES ('one'), ('two'), ('three')`,
    `DELETE FROM page WHERE body = 'one'`,
    'CREATE VIRTUAL TABLE found USING fts5(body, content=page)',
    `INSERT INTO found(found) VALUES ('rebuild')`,
    'CREATE INDEX pages ON page (body)',
    'ANALYZE page',
    // No index of its own: this is what sqlcipher_export numbers anew.
    'CREATE TABLE bare (body)',
    `INSERT INTO bare VALUES ('one'), ('two'), ('three')`,
    `DELETE FROM bare WHERE body = 'one'`,
    'CREATE VIRTUAL TABLE bare_found USING fts5(body, content=bare)',
    `INSERT INTO bare_found(bare_found) VALUES ('rebuild')`,
    'CREATE VIRTUAL TABLE merged USING fts3(body)',
    `INSERT INTO merged(merged) VALUES ('automerge=8')`,
    'CREATE TRIGGER gone AFTER DELETE ON bare BEGIN DELETE FROM page; END',
  ])
  const connection = await encryptedDriver('search').open()
  expect(await rowsOf(connection, `SELECT rowid, body FROM found WHERE found MATCH 'three'`)).toEqual([[3, 'three']])
  expect(await rowsOf(connection, `SELECT rowid, body FROM bare_found WHERE bare_found MATCH 'two'`)).toEqual([
    [2, 'two'],
  ])
  expect(await rowsOf(connection, 'SELECT tbl, idx, stat FROM sqlite_stat1')).toEqual([['page', 'pages', '2 1']])
  await connection.close()
})

test('a database without tables keeps its two numbers', async () => {
  await writePlain('numbers', ['PRAGMA user_version = 7', 'PRAGMA application_id = 42'])
  const connection = await encryptedDriver('numbers').open()
  expect(await rowsOf(connection, 'PRAGMA user_version')).toEqual([[7]])
  expect(await rowsOf(connection, 'PRAGMA application_id')).toEqual([[42]])
  await connection.close()
})

test('a table that Android makes in every database it opens is neither content nor a difference', async () => {
  await writePlain('android', ['CREATE TABLE t (a)', 'INSERT INTO t VALUES (1)'])
  const real = app.page.plugin.CapacitorSQLite as unknown as CapacitorSQLitePlugin
  const plugin: CapacitorSQLitePlugin = new Proxy(real, {
    get: (target, name: keyof CapacitorSQLitePlugin) =>
      name !== 'open'
        ? target[name]
        : async (where: { database: string; readonly: boolean }) => {
            await target.open(where)
            await target.query({
              ...where,
              statement: ';CREATE TABLE IF NOT EXISTS android_metadata (locale TEXT)',
              values: [],
            })
          },
  })
  const connection = await driverFor(app, 'android', 'android', { secretProvider, plugin }).open()
  expect(await rowsOf(connection, 'SELECT a FROM t')).toEqual([[1]])
  await connection.close()
})

test('a database in UTF-16 is refused and left as it is', async () => {
  await writePlain('wide', [`PRAGMA encoding = 'UTF-16'`, 'CREATE TABLE t (a)', `INSERT INTO t VALUES ('é')`])
  await expect(encryptedDriver('wide').open()).rejects.toMatchObject({ code: 'unsupported', name: 'DataLayerError' })
  const plain = await plainDriver('wide').open()
  expect(await rowsOf(plain, 'SELECT a FROM t')).toEqual([['é']])
  await plain.close()
})

test('a copy from before the encryption is listed, put back and removed; a damaged one hides no other', async () => {
  const plain = await plainDriver('copied').open()
  await rowsOf(plain, 'CREATE TABLE t (a)')
  await rowsOf(plain, 'INSERT INTO t VALUES (1)')
  const older = await plain.copies?.write({})
  const damaged = await plain.copies?.write({})
  await plain.close()
  writeFileSync(String(damaged?.location), Buffer.alloc(8192, 7))
  const connection = await encryptedDriver('copied').open()
  await rowsOf(connection, 'DELETE FROM t')
  const newer = await connection.copies?.write({})
  const listed = await connection.copies?.list({})
  expect(new Map(listed?.map(({ location, bytes }) => [location, bytes]))).toEqual(
    new Map([newer, damaged && { ...damaged, bytes: 0 }, older].map((copy) => [copy?.location, copy?.bytes])),
  )
  await connection.copies?.restore(String(older?.location))
  expect(await rowsOf(connection, 'SELECT a FROM t')).toEqual([[1]])
  await connection.copies?.remove(String(older?.location))
  expect((await connection.copies?.list({}))?.map(({ location }) => location)).not.toContain(older?.location)
  expect(existsSync(String(older?.location))).toBe(false)
  await connection.close()
})
