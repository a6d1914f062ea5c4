import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { databaseKey, type PasswordPrompt } from 'selfsame/electron/main'
import { encryptedDriver } from 'selfsame/encrypted'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { StandInSafeStorage } from './stand-in/safe-storage.ts'

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    (value) => Promise.reject(new Error(`It gave ${JSON.stringify(value)}`)),
    (error: Error & { code: string }) => error,
  )
const namesOf = (filename: string) => readdirSync(dirname(filename))

/** A store whose ciphertexts begin as Chromium's do: `v10` on Linux is its constant key. */
class PrefixedStorage extends StandInSafeStorage {
  prefix = 'v11'

  override async encryptStringAsync(text: string): Promise<Buffer> {
    return Buffer.concat([Buffer.from(this.prefix), await super.encryptStringAsync(text)])
  }

  override decryptStringAsync(encrypted: Buffer) {
    return super.decryptStringAsync(encrypted.subarray(3))
  }
}

const { platform } = process
const pretend = (name: string) => Object.defineProperty(process, 'platform', { value: name })
afterEach(() => pretend(platform))

test('what Linux wraps with its constant key is refused, whatever store it is said to have', async () => {
  pretend('linux')
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new PrefixedStorage()
  safeStorage.prefix = 'v10'
  const error = await rejection(databaseKey({ filename, safeStorage }))
  expect(error).toMatchObject({ code: 'unsupported', details: { backend: 'gnome_libsecret' } })
  expect(namesOf(filename)).toEqual([])
  safeStorage.prefix = 'v11'
  expect(await databaseKey({ filename, safeStorage })).toMatchObject({ protection: 'system' })
})

test('a key that Linux’s constant key opens is refused when it is read, and its file kept', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new PrefixedStorage()
  safeStorage.prefix = 'v10'
  pretend('darwin')
  const { key } = await databaseKey({ filename, safeStorage })
  expect(await databaseKey({ filename, safeStorage })).toMatchObject({ key, backend: 'keychain' })
  const text = readFileSync(`${filename}.selfsame-key`, 'utf8')
  pretend('linux')
  const error = await rejection(databaseKey({ filename, safeStorage }))
  expect(error.code).toBe('unsupported')
  expect(inspect(error, { depth: 10 })).not.toContain(key)
  expect(readFileSync(`${filename}.selfsame-key`, 'utf8')).toBe(text)
})

test('a password’s wrapping with a tag, salt, nonce, text or cost of another size is damaged, and kept', async () => {
  const filename = temporaryPath('app.sqlite')
  const options = { filename, safeStorage: new StandInSafeStorage({ backend: 'basic_text' }) }
  const password = () => Promise.resolve('correct horse')
  await databaseKey({ ...options, password })
  const keyFile = `${filename}.selfsame-key`
  const stored = JSON.parse(readFileSync(keyFile, 'utf8')) as Record<string, string>
  const shorter = (text = '', bytes = 1) => Buffer.from(text, 'base64').subarray(0, -bytes).toString('base64')
  const changes = [
    { tag: shorter(stored['tag'], 12) },
    ...['tag', 'salt', 'nonce', 'wrapped'].map((name) => ({ [name]: shorter(stored[name]) })),
    { tag: `${stored['tag']}AA` },
    { cost: 2 },
    { cost: 2 ** 40 },
  ]
  let asked = 0
  for (const change of changes) {
    const text = JSON.stringify({ ...stored, ...change })
    writeFileSync(keyFile, text)
    const error = await rejection(databaseKey({ ...options, password: () => password().finally(() => (asked += 1)) }))
    expect(error, text).toMatchObject({ code: 'wrong-key' })
    expect(readFileSync(keyFile, 'utf8')).toBe(text)
  }
  expect(asked).toBe(0)
})

const noPasswords: [string, PasswordPrompt][] = [
  ['an empty one', async () => ''],
  ['a blank one', async () => ' \t '],
  ['nothing', async () => undefined as unknown as string],
  [
    'an error',
    () => {
      throw new Error('cancelled')
    },
  ],
]
test.each(noPasswords)('a prompt that gives %s makes no key', async (_, password) => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage({ backend: 'basic_text' })
  const error = await rejection(databaseKey({ filename, safeStorage, password }))
  expect(error).toMatchObject({ name: 'DataLayerError', code: 'invalid-value' })
  expect(namesOf(filename)).toEqual([])
})

test('a password is asked for twice when the key is made and once later; a typo makes no key', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage({ backend: 'basic_text' })
  const asked: string[] = []
  const typing = (...texts: string[]): PasswordPrompt => {
    const left = [...texts]
    return async (purpose) => {
      asked.push(purpose)
      return left.shift() ?? 'never'
    }
  }
  const typo = await rejection(databaseKey({ filename, safeStorage, password: typing('tpyo', 'typo') }))
  expect(typo.code).toBe('invalid-value')
  expect(typo.message).not.toMatch(/tpyo|typo/)
  expect(namesOf(filename)).toEqual([])
  const { key } = await databaseKey({ filename, safeStorage, password: typing('right', 'right') })
  expect(await databaseKey({ filename, safeStorage, password: typing('right') })).toMatchObject({ key })
  expect(asked).toEqual(['choose', 'repeat', 'choose', 'repeat', 'open'])
})

test('a store that fails while it wraps is coded, and what it said is not passed on', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage()
  let given = ''
  safeStorage.encryptStringAsync = async (text) => {
    given = text
    throw new Error(`cannot encrypt ${text}`)
  }
  const error = await rejection(databaseKey({ filename, safeStorage }))
  expect(error).toMatchObject({ name: 'DataLayerError', code: 'storage-unavailable' })
  expect(given).toMatch(/^[0-9a-f]{64}$/)
  expect(inspect(error, { depth: 10 })).not.toContain(given)
  expect(namesOf(filename)).toEqual([])
})

test('a store that cannot be asked whether it is there is coded, with and without a key', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage()
  const failing = new StandInSafeStorage()
  failing.isAsyncEncryptionAvailable = () => Promise.reject(new Error('dbus'))
  const coded = { name: 'DataLayerError', code: 'storage-unavailable' }
  expect(await rejection(databaseKey({ filename, safeStorage: failing }))).toMatchObject(coded)
  await databaseKey({ filename, safeStorage })
  expect(await rejection(databaseKey({ filename, safeStorage: failing }))).toMatchObject(coded)
})

test('a key that cannot be wrapped anew is given all the same, and the file stays', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage()
  const { key } = await databaseKey({ filename, safeStorage })
  const text = readFileSync(`${filename}.selfsame-key`, 'utf8')
  safeStorage.rotate()
  safeStorage.encryptStringAsync = (plain) => Promise.reject(new Error(`busy with ${plain}`))
  const opened = await databaseKey({ filename, safeStorage })
  expect(opened).toMatchObject({ key, rewrapFailed: { code: 'storage-unavailable' } })
  expect(inspect(opened.rewrapFailed, { depth: 10 })).not.toContain(key)
  expect(readFileSync(`${filename}.selfsame-key`, 'utf8')).toBe(text)
})

test.each(['damaged', 'other'] as const)(
  'a key whose new wrapping would not give it back (%s) keeps the old one',
  async (spoil) => {
    const filename = temporaryPath('app.sqlite')
    const safeStorage = new StandInSafeStorage()
    const { key } = await databaseKey({ filename, safeStorage })
    const text = readFileSync(`${filename}.selfsame-key`, 'utf8')
    safeStorage.rotate()
    safeStorage.spoil = spoil
    const opened = await databaseKey({ filename, safeStorage })
    expect(opened).toMatchObject({ key, rewrapFailed: { code: 'storage-unavailable' } })
    expect(readFileSync(`${filename}.selfsame-key`, 'utf8')).toBe(text)
    expect(namesOf(filename)).toEqual(['app.sqlite.selfsame-key'])
  },
)

test('a first wrapping that would not give the key back leaves no file, and the next start makes a key', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage()
  safeStorage.spoil = 'damaged'
  expect((await rejection(databaseKey({ filename, safeStorage }))).code).toBe('storage-unavailable')
  expect(namesOf(filename)).toEqual([])
  safeStorage.spoil = undefined
  expect((await databaseKey({ filename, safeStorage })).key).toMatch(/^[0-9a-f]{64}$/)
})

test('no new key is made beside encrypted backups, until they are elsewhere', async () => {
  const filename = temporaryPath('app.sqlite')
  const safeStorage = new StandInSafeStorage()
  const { key } = await databaseKey({ filename, safeStorage })
  const connection = await encryptedDriver({ filename, key }).open()
  await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
  const { location } = (await connection.copies?.write({})) ?? { location: '' }
  await connection.close()
  rmSync(filename)
  rmSync(`${filename}.selfsame-key`)
  const error = await rejection(databaseKey({ filename, safeStorage }))
  expect(error).toMatchObject({ code: 'wrong-key', details: { files: [location] } })
  expect(namesOf(filename)).not.toContain('app.sqlite.selfsame-key')
  rmSync(location)
  expect(await databaseKey({ filename, safeStorage })).not.toMatchObject({ key })
})
