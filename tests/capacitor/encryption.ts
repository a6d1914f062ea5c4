import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DriverConnection } from '../../src/db/driver.ts'
import { secureStorageSecret, type CapacitorSQLitePlugin, type SecretProvider } from 'selfsame/capacitor'
import { encryptedDriver } from '../../src/db/drivers/node/encrypted/index.ts'
import { unlock } from '../../src/db/drivers/capacitor/encryption/unlock.ts'
import { temporaryFolder } from '../processes/start-launch.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost } from './host.ts'

/** A keychain: what the plugin for it keeps, outside the app's folder. */
function keychain(kept: Map<string, string> = new Map()) {
  const provider = secureStorageSecret({
    storage: {
      get: async (key) => kept.get(key) ?? null,
      set: async (key, value) => void kept.set(key, value),
    },
  })
  return { kept, provider, secret: () => [...kept.values()][0] ?? '' }
}

const statement = (text: string, params: readonly (string | number)[] = []) => ({ text, params })
const fill = (connection: DriverConnection, rows: number) =>
  connection.run([
    statement('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)'),
    statement(
      `INSERT INTO note SELECT value, 'note ' || value FROM (
        WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?) SELECT value FROM n)`,
      [rows],
    ),
    statement('CREATE TRIGGER changed AFTER UPDATE ON note BEGIN SELECT 1; END'),
    statement('PRAGMA user_version = 7'),
  ])
const notesIn = async (connection: DriverConnection) => {
  const [result] = await connection.run([statement('SELECT count(*), max(text) FROM note')])
  return result?.rows[0]
}
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { code: string; details?: object }) => ({ code: error.code, details: error.details }),
  )

/** More than the cache holds, so that SQLite has written to the file when the transaction is cut off. */
async function leaveHalfDone(connection: DriverConnection): Promise<void> {
  const session = await connection.reserve()
  await session.run([
    statement('PRAGMA cache_size = 10'),
    statement('BEGIN IMMEDIATE'),
    statement(`UPDATE note SET text = 'half done ' || hex(randomblob(500))`),
  ])
}

/** Encrypts, and kills the app before its nth call. Answers whether it came to that. */
async function openAndKill(host: NativeHost, folder: string, provider: SecretProvider, nth: number): Promise<boolean> {
  const app = await host.start(folder)
  const killed = Promise.withResolvers<boolean>()
  let made = 0
  const plugin = new Proxy(app.page.plugin.CapacitorSQLite, {
    get: (target, name: string) => async (options?: object) => {
      made += 1
      if (made < nth) return target[name]?.(options)
      await app.kill()
      killed.resolve(true)
      return new Promise(() => undefined)
    },
  })
  // Not by the driver: it waits for the one before it on a page, and here a page goes on without its app.
  const unlocked = unlock(plugin as unknown as CapacitorSQLitePlugin, host.platform, 'app', provider)
  const wasKilled = await Promise.race([unlocked.then(() => false), killed.promise])
  await app.kill()
  return wasKilled
}

const step = process.env['SELFSAME_FULL'] ? 1 : 60

/** Where a host keeps what an app has, below the folder that it is given. */
export interface AppPlaces {
  readonly databases: string
  /** Where the plugin itself remembers the key. */
  readonly keys: string
}

/** What becomes of a database and its key, together and parted. */
export function encryptionOn(host: NativeHost, places: AppPlaces): void {
  async function startApp(folder: string): Promise<NativeApp> {
    const app = await host.start(folder)
    onTestFinished(() => app.stop())
    return app
  }

  const open = (app: NativeApp, secretProvider?: SecretProvider) =>
    driverFor(app, host.platform, 'app', secretProvider ? { secretProvider } : {}).open()

  const files = (folder: string) => join(folder, places.databases)
  const header = (folder: string, name = 'appSQLite.db') =>
    readFileSync(join(files(folder), name))
      .subarray(0, 15)
      .toString('latin1')
  test('a first start makes a random key and an encrypted database, a second one opens it', async () => {
    const folder = temporaryFolder()
    const { provider, secret } = keychain()
    const app = await startApp(folder)
    const connection = await open(app, provider)
    await fill(connection, 3)
    await connection.close()
    await app.stop()
    expect(secret()).toMatch(/^[0-9a-f]{64}$/)
    expect(header(folder)).not.toBe('SQLite format 3')
    expect(await notesIn(await open(await startApp(folder), provider))).toEqual([3, 'note 3'])
  })

  test('a backup restored without its key is refused, the file kept, and open again with the key', async () => {
    const folder = temporaryFolder()
    const restored = temporaryFolder()
    const { provider } = keychain()
    const app = await startApp(folder)
    await fill(await open(app, provider), 3)
    await app.stop()
    mkdirSync(files(restored), { recursive: true })
    cpSync(files(folder), files(restored), { recursive: true })
    const before = readFileSync(join(files(restored), 'appSQLite.db'))

    const elsewhere = await startApp(restored)
    const other = keychain()
    expect(await errorOf(open(elsewhere, other.provider))).toEqual({
      code: 'wrong-key',
      details: { reason: 'missing' },
    })
    expect(other.kept.size).toBe(0)
    expect(readFileSync(join(files(restored), 'appSQLite.db'))).toEqual(before)
    expect(await notesIn(await open(elsewhere, provider))).toEqual([3, 'note 3'])
  })

  test('another key than the one it was written with is refused, with and without a key in the plugin', async () => {
    const folder = temporaryFolder()
    const { provider } = keychain()
    const app = await startApp(folder)
    const connection = await open(app, provider)
    await fill(connection, 3)
    await connection.close()
    const other = keychain(new Map([['selfsame-database-key', 'ab'.repeat(32)]]))
    expect(await errorOf(open(app, other.provider))).toEqual({ code: 'wrong-key', details: { reason: 'other' } })
    await app.stop()
    rmSync(join(folder, places.keys), { recursive: true })
    const again = await startApp(folder)
    expect(await errorOf(open(again, other.provider))).toEqual({ code: 'wrong-key', details: { reason: 'other' } })
    expect(await notesIn(await open(again, provider))).toEqual([3, 'note 3'])
  })

  test('the keys without the database: the old key serves a new database', async () => {
    const folder = temporaryFolder()
    const { provider, secret } = keychain()
    const app = await startApp(folder)
    await fill(await open(app, provider), 3)
    const first = secret()
    await app.stop()
    rmSync(files(folder), { recursive: true })
    const connection = await open(await startApp(folder), provider)
    const [result] = await connection.run([statement('SELECT count(*) FROM sqlite_schema')])
    expect(result?.rows).toEqual([[0]])
    expect(secret()).toBe(first)
  })

  test('only the plugin remembers an old key: it is replaced, as no database needs it', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    await fill(await open(app, keychain().provider), 3)
    await app.stop()
    rmSync(files(folder), { recursive: true })
    const { provider, secret } = keychain()
    const again = await startApp(folder)
    await fill(await open(again, provider), 2)
    await again.stop()
    const desktop = await encryptedDriver({ filename: join(files(folder), 'appSQLite.db'), key: secret() }).open()
    expect(await notesIn(desktop)).toEqual([2, 'note 2'])
    await desktop.close()
  })

  test('no key is made for a new database while another one, or a copy, may need the one that is missing', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const { kept, provider } = keychain()
    const connection = await open(app, provider)
    await fill(connection, 3)
    await connection.copies?.write({})
    await connection.close()
    const secret = [...kept]
    kept.clear()
    const missing = { code: 'wrong-key', details: { reason: 'missing' } }
    const another = () => driverFor(app, host.platform, 'another', { secretProvider: provider }).open()
    expect(await errorOf(another())).toEqual(missing)
    rmSync(join(files(folder), 'appSQLite.db'))
    expect(await errorOf(open(app, provider))).toEqual(missing)
    expect(kept.size).toBe(0)
    const other = keychain(new Map([['selfsame-database-key', 'ab'.repeat(32)]]))
    expect(await errorOf(open(app, other.provider))).toEqual({ code: 'wrong-key', details: { reason: 'other' } })
    for (const [entry, value] of secret) kept.set(entry, value)
    const again = await open(app, provider)
    const [copy] = (await again.copies?.list({})) ?? []
    await again.copies?.restore(String(copy?.location))
    expect(await notesIn(again)).toEqual([3, 'note 3'])
    await again.close()
  })

  test('a damaged copy of a database that never had a key does not keep it from getting one', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const plain = await open(app)
    await fill(plain, 3)
    const copy = await plain.copies?.write({})
    await plain.close()
    writeFileSync(String(copy?.location), Buffer.alloc(8192, 7))
    const { provider } = keychain()
    await (await driverFor(app, host.platform, 'vault', { secretProvider: provider }).open()).close()
    const connection = await open(app, provider)
    expect(await notesIn(connection)).toEqual([3, 'note 3'])
    await connection.close()
  })

  test('what is in the encrypting copy stays when somebody without the key begins the database anew', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const { provider } = keychain()
    const connection = await driverFor(app, host.platform, 'app-encrypting', { secretProvider: provider }).open()
    await fill(connection, 50)
    await connection.close()
    // As an app leaves it that is killed between the database's removal and its writing.
    expect(await errorOf(open(app))).toMatchObject({ code: 'wrong-key' })
    const other = await driverFor(app, host.platform, 'other').open()
    await fill(other, 3)
    await other.close()
    cpSync(join(files(folder), 'otherSQLite.db'), join(files(folder), 'appSQLite.db'))
    const now = await open(app, provider)
    expect(await notesIn(now)).toEqual([3, 'note 3'])
    const [copy] = (await now.copies?.list({})) ?? []
    await now.copies?.restore(String(copy?.location))
    expect(await notesIn(now)).toEqual([50, 'note 9'])
    await now.close()
  })

  test('databases that are opened at the same moment share one new key, and leave each other their connections', async () => {
    const app = await startApp(temporaryFolder())
    const { provider } = keychain()
    const names = ['one', 'two', 'three']
    const opened = await Promise.all(
      names.map((name) => driverFor(app, host.platform, name, { secretProvider: provider }).open()),
    )
    for (const connection of opened) await fill(connection, 3)
    expect(await Promise.all(opened.map(notesIn))).toEqual(names.map(() => [3, 'note 3']))
    for (const connection of opened) await connection.close()
  })

  test('a key that cannot be read is an error, and no new one is made', async () => {
    const app = await startApp(temporaryFolder())
    const written: string[] = []
    const provider = {
      read: () => Promise.reject(new Error('sealed')),
      write: async (secret: string) => void written.push(secret),
    }
    expect(await errorOf(open(app, provider))).toEqual({ code: 'wrong-key', details: { reason: 'unreadable' } })
    expect(written).toEqual([])
  })

  test('a key that is not kept is not used', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const forgetful = { read: async () => null, write: async () => undefined }
    expect(await errorOf(open(app, forgetful))).toMatchObject({ code: 'storage-unavailable' })
    expect(existsSync(files(folder)) ? readdirSync(files(folder)) : []).toEqual([])
  })

  test('a database that the phone encrypted opens with the same key on the desktop, and back', async () => {
    const folder = temporaryFolder()
    const { provider, secret } = keychain()
    const app = await startApp(folder)
    const connection = await open(app, provider)
    await fill(connection, 200)
    await connection.close()
    const filename = join(files(folder), 'appSQLite.db')
    const desktop = await encryptedDriver({ filename, key: secret(), create: false }).open()
    expect(await notesIn(desktop)).toEqual([200, 'note 99'])
    await desktop.run([
      statement('PRAGMA journal_mode = DELETE'),
      statement("INSERT INTO note VALUES (0, 'z desktop')"),
    ])
    await desktop.close()
    expect(await notesIn(await open(app, provider))).toEqual([201, 'z desktop'])
  })

  test('a database that is not encrypted becomes so, with every row and what is built on it', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const plain = await open(app)
    await fill(plain, 50)
    await plain.close()
    expect(header(folder)).toBe('SQLite format 3')
    const { provider } = keychain()
    const connection = await open(app, provider)
    expect(await notesIn(connection)).toEqual([50, 'note 9'])
    const [version, triggers] = await connection.run([
      statement('PRAGMA user_version'),
      statement("SELECT name FROM sqlite_schema WHERE type = 'trigger'"),
    ])
    expect([version?.rows, triggers?.rows]).toEqual([[[7]], [['changed']]])
    expect(header(folder)).not.toBe('SQLite format 3')
    expect(readdirSync(files(folder))).toEqual(['appSQLite.db'])
  })

  test('an app that was killed in a transaction has its encrypted database as it was before', async () => {
    const folder = temporaryFolder()
    const { provider } = keychain()
    const app = await startApp(folder)
    const connection = await open(app, provider)
    await fill(connection, 500)
    await leaveHalfDone(connection)
    await app.kill()
    expect(existsSync(join(files(folder), 'appSQLite.db-journal'))).toBe(true)
    expect(await notesIn(await open(await startApp(folder), provider))).toEqual([500, 'note 99'])
  })

  test('a database whose app was killed in a transaction is encrypted as it was before', async () => {
    const folder = temporaryFolder()
    const app = await startApp(folder)
    const connection = await open(app)
    await fill(connection, 500)
    await leaveHalfDone(connection)
    await app.kill()
    expect(await notesIn(await open(await startApp(folder), keychain().provider))).toEqual([500, 'note 99'])
    expect(header(folder)).not.toBe('SQLite format 3')
  })

  test('a page that was loaded anew in a transaction opens its encrypted database', async () => {
    const { provider } = keychain()
    const app = await startApp(temporaryFolder())
    const connection = await open(app, provider)
    await fill(connection, 500)
    await leaveHalfDone(connection)
    await app.reload()
    expect(await notesIn(await open(app, provider))).toEqual([500, 'note 99'])
  })

  test(
    'encrypting goes on with the next start, before whichever call it was killed; 0 rows are lost',
    { timeout: 300_000 },
    async () => {
      const pristine = temporaryFolder()
      const first = await startApp(pristine)
      await fill(await open(first), 50)
      await first.stop()
      let kills = 0
      for (let nth = 1; ; nth += step) {
        const folder = temporaryFolder()
        cpSync(pristine, folder, { recursive: true })
        const { provider } = keychain()
        if (!(await openAndKill(host, folder, provider, nth))) break
        kills += 1
        const again = await startApp(folder)
        expect(await notesIn(await open(again, provider)), `killed before call ${nth}`).toEqual([50, 'note 9'])
        expect(readdirSync(files(folder)), `killed before call ${nth}`).toEqual(['appSQLite.db'])
        await again.stop()
      }
      expect(kills).toBeGreaterThan(step === 1 ? 60 : 1)
      process.stdout.write(
        `encrypting a database on ${host.platform}: killed before ${kills} of its calls, 0 rows lost\n`,
      )
    },
  )
}
