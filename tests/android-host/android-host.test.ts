import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { NativeApp } from '../capacitor/host.ts'
import { temporaryFolder } from '../processes/start-launch.ts'
import { androidHost } from './android-host.ts'

async function startApp(folder: string): Promise<NativeApp> {
  const app = await androidHost().start(folder)
  onTestFinished(() => app.stop())
  return app
}

/** Calls a method of the plugin on the page that is loaded now. */
const call = (app: NativeApp, method: string, options: object = {}) =>
  app.page.plugin.CapacitorSQLite[method]?.({ database: 'shop', ...options })

async function openShop(folder: string): Promise<NativeApp> {
  const app = await startApp(folder)
  await call(app, 'createConnection', { encrypted: false, mode: 'no-encryption', version: 1 })
  await call(app, 'open')
  await query(app, 'CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)')
  return app
}

async function query(app: NativeApp, statement: string, values: unknown[] = []): Promise<unknown[]> {
  const answer = (await call(app, 'query', { statement, values })) as { values: unknown[] }
  return answer.values
}

const messageOf = (answer: Promise<unknown> | undefined) =>
  Promise.resolve(answer).then(
    () => 'no error',
    (error: Error) => error.message,
  )

test('the page takes itself for one on Android, and SQL runs in SQLCipher 4', async () => {
  const app = await openShop(temporaryFolder())
  expect(app.page.window.Capacitor.getPlatform()).toBe('android')
  expect(await query(app, 'PRAGMA cipher_version')).toEqual([{ cipher_version: '4.14.0 community' }])
})

test('an error has the text that sqlcipher-android gives it', async () => {
  const app = await openShop(temporaryFolder())
  await query(app, 'INSERT INTO item VALUES (1, ?)', ['first'])
  expect(await messageOf(query(app, 'INSERT INTO item VALUES (1, NULL)'))).toBe(
    'Query: in selectSQL cursor UNIQUE constraint failed: item.id (code 1555)',
  )
  expect(await messageOf(query(app, 'SELECT * FROM nowhere'))).toBe(
    'Query: in selectSQL cursor no such table: nowhere (code 1): , while compiling: SELECT * FROM nowhere',
  )
})

test('a connection outlives a reload of the page, and its transaction too', async () => {
  const app = await openShop(temporaryFolder())
  await call(app, 'beginTransaction')
  await query(app, 'INSERT INTO item VALUES (1, ?)', ['first'])
  await app.reload()
  expect(await call(app, 'isTransactionActive')).toEqual({ result: true })
  await call(app, 'rollbackTransaction')
  expect(await query(app, 'SELECT name FROM item')).toEqual([])
})

test('what was committed is there after SIGKILL, what was not is gone', async () => {
  const folder = temporaryFolder()
  const app = await openShop(folder)
  await query(app, 'INSERT INTO item VALUES (1, ?)', ['first'])
  await call(app, 'beginTransaction')
  await query(app, 'INSERT INTO item VALUES (2, ?)', ['second'])
  await app.kill()
  expect(await query(await openShop(folder), 'SELECT name FROM item')).toEqual([{ name: 'first' }])
})

test('preferences come back with the app, and are refused where the master key is another', async () => {
  const folder = temporaryFolder()
  const app = await startApp(folder)
  await call(app, 'setEncryptionSecret', { passphrase: 'secret' })
  await app.stop()
  expect(await call(await startApp(folder), 'isSecretStored')).toEqual({ result: true })

  const restored = temporaryFolder()
  cpSync(join(folder, 'data'), join(restored, 'data'), { recursive: true })
  expect(await messageOf(call(await startApp(restored), 'isSecretStored'))).toMatch(/^CapacitorSQLitePlugin: /)
})
