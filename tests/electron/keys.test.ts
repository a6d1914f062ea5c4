import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { encryptedDriver } from 'selfsame/encrypted'
import { databaseKey, threadDriver } from 'selfsame/electron/main'
import { nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, inEncryptedThread, startThread } from './stand-in/desktop-app.ts'
import { StandInSafeStorage } from './stand-in/safe-storage.ts'

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    (value) => Promise.reject(new Error(`It gave ${JSON.stringify(value)}`)),
    (error: Error & { code: string; details?: unknown }) => error,
  )
const filesOf = (file: string) =>
  namesBeside(file).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(dirname(file), name)))
      .digest('hex'),
  ])

/** A database with a key of its own, and what is on the disk then. */
async function encrypted(safeStorage: StandInSafeStorage, password?: () => Promise<string>) {
  const filename = temporaryPath('app.sqlite')
  const made = await databaseKey({ filename, safeStorage, ...(password ? { password } : {}) })
  const connection = await encryptedDriver({ filename, key: made.key }).open()
  await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
  await connection.close()
  return { filename, ...made, files: filesOf(filename), keyFile: `${filename}.selfsame-key` }
}

describe('the key of a database', () => {
  test('is made once and read again at the next start', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename, key } = await encrypted(safeStorage)
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(await databaseKey({ filename, safeStorage })).toEqual({
      key,
      protection: 'system',
      backend: 'gnome_libsecret',
    })
    expect((await encrypted(safeStorage)).key).not.toBe(key)
  })

  test('is beside the database, wrapped, readable by its user alone, with the store that wrapped it', async () => {
    const { key, keyFile } = await encrypted(new StandInSafeStorage())
    const text = readFileSync(keyFile, 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: 1, protection: 'system', backend: 'gnome_libsecret' })
    expect(text.includes(key) || text.includes(Buffer.from(key).toString('base64'))).toBe(false)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
  })

  test('is one for several processes that start at once', async () => {
    const safeStorage = new StandInSafeStorage()
    const filename = temporaryPath('app.sqlite')
    const keys = await Promise.all(Array.from({ length: 8 }, () => databaseKey({ filename, safeStorage })))
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1)
    expect(readdirSync(dirname(filename))).toEqual(['app.sqlite.selfsame-key'])
  })

  test.each(['basic_text', 'unknown'])('is not made where the store is %s', async (backend) => {
    const filename = temporaryPath('app.sqlite')
    const error = await rejection(databaseKey({ filename, safeStorage: new StandInSafeStorage({ backend }) }))
    expect(error).toMatchObject({ code: 'unsupported', details: { backend } })
    expect(error.message).toContain('password')
    expect(readdirSync(dirname(filename))).toEqual([])
  })

  test('is not made while the store is not there', async () => {
    const filename = temporaryPath('app.sqlite')
    const safeStorage = new StandInSafeStorage({ available: false })
    expect(await rejection(databaseKey({ filename, safeStorage }))).toMatchObject({ code: 'unsupported' })
    expect(readdirSync(dirname(filename))).toEqual([])
  })

  test('is wrapped with a password where the system keeps no secrets', async () => {
    const safeStorage = new StandInSafeStorage({ backend: 'basic_text' })
    const password = () => Promise.resolve('correct horse')
    const { filename, key, protection, keyFile, files } = await encrypted(safeStorage, password)
    expect(protection).toBe('password')
    expect(readFileSync(keyFile, 'utf8')).not.toContain(key)
    expect(await databaseKey({ filename, safeStorage, password })).toMatchObject({ key, protection: 'password' })
    const wrong = await rejection(databaseKey({ filename, safeStorage, password: () => Promise.resolve('battery') }))
    expect(wrong.code).toBe('wrong-key')
    expect(wrong.message).not.toContain('battery')
    expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('wrong-key')
    expect(filesOf(filename)).toEqual(files)
  })

  test('that the store does not open stays where it is, and the error says how to recover', async () => {
    const { filename, key, files } = await encrypted(new StandInSafeStorage())
    const other = new StandInSafeStorage({ backend: 'kwallet6' })
    const error = await rejection(databaseKey({ filename, safeStorage: other }))
    expect(error).toMatchObject({
      code: 'wrong-key',
      details: { backend: 'kwallet6', recorded: 'gnome_libsecret' },
    })
    expect(error.message).toMatch(/Sign in .* restore a backup/)
    expect(JSON.stringify([error.message, error.details, error.stack])).not.toContain(key)
    expect(filesOf(filename)).toEqual(files)
  })

  test('that the store gives back as something else is not used', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename, files } = await encrypted(safeStorage)
    safeStorage.answer = 'no key at all'
    expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('wrong-key')
    expect(filesOf(filename)).toEqual(files)
  })

  test('cannot be had while the store is locked, and can when it is unlocked', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename, key, files } = await encrypted(safeStorage)
    safeStorage.available = false
    expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('storage-unavailable')
    expect(filesOf(filename)).toEqual(files)
    safeStorage.available = true
    expect(await databaseKey({ filename, safeStorage })).toMatchObject({ key })
  })

  test.each(['', '{', '[]', '{"version":2}', '{"version":1,"protection":"system","wrapped":"AA=="}'])(
    'in a damaged file %j is not replaced',
    async (text) => {
      const safeStorage = new StandInSafeStorage()
      const { filename, keyFile } = await encrypted(safeStorage)
      writeFileSync(keyFile, text)
      expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('wrong-key')
      expect(readFileSync(keyFile, 'utf8')).toBe(text)
    },
  )

  test('of a link is beside the file it leads to, and one key whichever is named', async () => {
    const safeStorage = new StandInSafeStorage()
    const filename = temporaryPath('app.sqlite')
    const link = join(dirname(temporaryPath('app.sqlite')), 'link.sqlite')
    symlinkSync(filename, link)
    const made = await databaseKey({ filename: link, safeStorage })
    expect(namesBeside(link)).toEqual(['link.sqlite'])
    expect(namesBeside(filename)).toEqual(['app.sqlite.selfsame-key'])
    expect(await databaseKey({ filename, safeStorage })).toEqual(made)
    expect(await databaseKey({ filename: link, safeStorage })).toEqual(made)
  })

  test('of a link that an earlier release put beside the link is read there', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename, key, keyFile } = await encrypted(safeStorage)
    const link = join(dirname(temporaryPath('app.sqlite')), 'link.sqlite')
    symlinkSync(filename, link)
    renameSync(keyFile, `${link}.selfsame-key`)
    expect(await databaseKey({ filename: link, safeStorage })).toMatchObject({ key })
    expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('wrong-key')
    expect(namesBeside(filename)).toEqual(['app.sqlite'])
  })

  test('of a link is not made anew where encrypted backups are beside the file it leads to', async () => {
    const safeStorage = new StandInSafeStorage()
    const filename = temporaryPath('app.sqlite')
    const link = join(dirname(temporaryPath('app.sqlite')), 'link.sqlite')
    symlinkSync(filename, link)
    const { key } = await databaseKey({ filename: link, safeStorage })
    const connection = await encryptedDriver({ filename: link, key }).open()
    await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
    await connection.copies?.write({})
    await connection.close()
    for (const file of [filename, `${filename}.selfsame-key`]) rmSync(file)
    expect((await rejection(databaseKey({ filename: link, safeStorage }))).code).toBe('wrong-key')
    expect(namesBeside(link)).toEqual(['link.sqlite'])
  })

  test('that is missing beside an encrypted database is not made anew', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename } = await encrypted(safeStorage)
    const other = join(dirname(filename), 'other.sqlite')
    writeFileSync(other, readFileSync(filename))
    expect((await rejection(databaseKey({ filename: other, safeStorage }))).code).toBe('wrong-key')
    expect(namesBeside(filename)).not.toContain('other.sqlite.selfsame-key')
  })

  test('is made beside a database that is not encrypted yet', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
    await connection.close()
    expect(await databaseKey({ filename, safeStorage: new StandInSafeStorage() })).toHaveProperty('key')
  })

  test('is wrapped anew when the store asks for it, and left where the store protects nothing any more', async () => {
    const safeStorage = new StandInSafeStorage()
    const { filename, key, files, keyFile } = await encrypted(safeStorage)
    safeStorage.rotate()
    safeStorage.backend = 'basic_text'
    expect(await databaseKey({ filename, safeStorage })).toMatchObject({ key })
    expect(filesOf(filename)).toEqual(files)
    safeStorage.backend = 'kwallet6'
    expect(await databaseKey({ filename, safeStorage })).toMatchObject({ key })
    expect(JSON.parse(readFileSync(keyFile, 'utf8'))).toMatchObject({ backend: 'kwallet6' })
    expect(await safeStorage.decryptStringAsync(wrappedIn(keyFile))).toMatchObject({
      result: key,
      shouldReEncrypt: false,
    })
  })
})

function wrappedIn(keyFile: string): Buffer {
  return Buffer.from((JSON.parse(readFileSync(keyFile, 'utf8')) as { wrapped: string }).wrapped, 'base64')
}

test('a window is told that the key cannot be read, and has its database when it can', async () => {
  const safeStorage = new StandInSafeStorage()
  const { filename } = await encrypted(safeStorage)
  const app = desktopApp(
    threadDriver(async () =>
      startThread('encrypted-thread', { filename, ...(await databaseKey({ filename, safeStorage })) }),
    ),
  )
  const { driver } = app.openWindow()
  safeStorage.answer = 'no key at all'
  await expect(driver.open()).rejects.toMatchObject({ code: 'wrong-key' })
  safeStorage.answer = undefined
  const connection = await driver.open()
  const [result] = await connection.run([{ text: 'SELECT count(*) FROM a', params: [] }])
  expect(result?.rows).toEqual([[0]])
  await app.close()
})

test('a database from before is encrypted by its thread', async () => {
  const safeStorage = new StandInSafeStorage()
  const filename = temporaryPath('app.sqlite')
  const before = await nodeDriver({ filename }).open()
  await before.run(['CREATE TABLE a (n)', 'INSERT INTO a VALUES (7)'].map((text) => ({ text, params: [] })))
  await before.close()
  const { key } = await databaseKey({ filename, safeStorage })
  const app = desktopApp(inEncryptedThread(filename, key))
  const connection = await app.openWindow().driver.open()
  const [result] = await connection.run([{ text: 'SELECT n FROM a', params: [] }])
  expect(result?.rows).toEqual([[7]])
  await app.close()
  expect(readFileSync(filename).subarray(0, 6).toString('latin1')).not.toBe('SQLite')
})

test('the key is in no argument of the process and in no error that crosses', async () => {
  const { filename, key } = await encrypted(new StandInSafeStorage())
  const app = desktopApp(inEncryptedThread(filename, key))
  const connection = await app.openWindow().driver.open()
  const errors = await Promise.all(
    ['SELECT nothing', 'PRAGMA key', "PRAGMA rekey = 'x'", `SELECT * FROM "file:${filename}?key=x"`].map((text) =>
      rejection(connection.run([{ text, params: [] }])),
    ),
  )
  await app.close()
  const said = [inspect(errors, { depth: 10 }), JSON.stringify([process.argv, process.execArgv, process.env])].join()
  expect(said).toContain('nothing')
  expect(said).not.toContain(key)
})
