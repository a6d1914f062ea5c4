import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { encryptedDriver } from 'selfsame/encrypted'
import { nodeDriver } from 'selfsame/node'
import type { Driver } from '../../../../src/db/driver.ts'
import { Database } from '../../../../src/db/database.ts'
import { hasKey } from '../../../../src/db/drivers/node/encrypted/page-key.ts'
import { desktopApp, inEncryptedThread } from '../../../electron/stand-in/desktop-app.ts'
import { namesBeside, temporaryPath } from '../temporary-path.ts'

const key = '0123456789abcdef'.repeat(4)
const otherKey = 'fedcba9876543210'.repeat(4)
const secret = 'a value that must not be read'

async function write(driver: Driver, ...texts: string[]): Promise<void> {
  const database = new Database(await driver.open())
  for (const text of texts) await database.execute({ text })
  await database.close()
}

async function read(driver: Driver, text: string): Promise<unknown> {
  const database = new Database(await driver.open())
  try {
    return await database.queryOne({ text })
  } finally {
    await database.close()
  }
}

const filesOf = (file: string) =>
  readdirSync(dirname(file)).map((name) => {
    const bytes = readFileSync(join(dirname(file), name))
    return [name, createHash('sha256').update(bytes).digest('hex')]
  })

test('nothing of a value is in the file, its WAL or its backups', async () => {
  const filename = temporaryPath('app.sqlite')
  const connection = await encryptedDriver({ filename, key }).open()
  const database = new Database(connection)
  await database.execute({ text: 'PRAGMA journal_mode = WAL' })
  await database.execute({ text: 'CREATE TABLE a (n TEXT)' })
  await database.execute({ text: 'INSERT INTO a VALUES (?)', params: [secret] })
  await connection.copies?.write({})
  const found = namesBeside(filename).filter((name) =>
    readFileSync(join(dirname(filename), name)).includes(secret.slice(0, 12)),
  )
  expect(namesBeside(filename).length).toBeGreaterThanOrEqual(3)
  expect(found).toEqual([])
  await database.close()
})

test('without encryption the same search finds it', async () => {
  const filename = temporaryPath('app.sqlite')
  await write(nodeDriver({ filename }), 'CREATE TABLE a (n TEXT)', `INSERT INTO a VALUES ('${secret}')`)
  expect(readFileSync(filename).includes(secret.slice(0, 12))).toBe(true)
})

test('another key is a wrong key, the file is as it was, and no message has a key', async () => {
  const filename = temporaryPath('app.sqlite')
  await write(encryptedDriver({ filename, key }), 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  const before = filesOf(filename)
  const thrown = await encryptedDriver({ filename, key: otherKey })
    .open()
    .catch((error: unknown) => error as Error & { code: string; details?: unknown })
  expect(thrown).toMatchObject({ code: 'wrong-key' })
  const said = JSON.stringify([(thrown as Error).message, (thrown as { details?: unknown }).details, String(thrown)])
  expect(said.includes(otherKey) || said.includes(key)).toBe(false)
  expect(filesOf(filename)).toEqual(before)
  expect(await read(encryptedDriver({ filename, key }), 'SELECT n FROM a')).toEqual({ n: 1 })
})

test('through the door and a thread, a wrong key is told as one', async () => {
  const filename = temporaryPath('app.sqlite')
  const right = desktopApp(inEncryptedThread(filename, key))
  await write(right.openWindow().driver, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  await right.close()
  const wrong = desktopApp(inEncryptedThread(filename, otherKey))
  await expect(wrong.openWindow().driver.open()).rejects.toMatchObject({ code: 'wrong-key' })
  await wrong.close()
})

test('a damaged file is no reason to write to it', async () => {
  const filename = temporaryPath('app.sqlite')
  writeFileSync(filename, 'neither one nor the other'.repeat(100))
  const before = filesOf(filename)
  await expect(encryptedDriver({ filename, key }).open()).rejects.toMatchObject({ code: 'wrong-key' })
  expect(filesOf(filename)).toEqual(before)
})

test('a file that is not encrypted is not taken for one that another key encrypted', async () => {
  const filename = temporaryPath('app.sqlite')
  await write(nodeDriver({ filename }), 'CREATE TABLE a (n)')
  await expect(encryptedDriver({ filename, key }).open()).rejects.toThrow('encryptDatabase')
})

test.each(['', 'ab', `${'0'.repeat(63)}g`, `x'${'0'.repeat(64)}'`])('the key %j is refused, unsaid', (bad) => {
  const open = () => encryptedDriver({ filename: 'never.sqlite', key: bad })
  expect(open).toThrow('A key has 64 hexadecimal digits.')
})

test('a backup is restored with rowids as they were, and refused while another connection is open', async () => {
  const filename = temporaryPath('app.sqlite')
  const connection = await encryptedDriver({ filename, key }).open()
  const database = new Database(connection)
  await database.execute({ text: 'PRAGMA journal_mode = WAL' })
  await database.execute({ text: 'CREATE TABLE a (n)' })
  await database.execute({ text: 'INSERT INTO a (rowid, n) VALUES (5, 1), (9, 2)' })
  const { location } = (await connection.copies?.write({})) ?? { location: '' }
  await database.execute({ text: 'DELETE FROM a' })
  const other = await encryptedDriver({ filename, key }).open()
  await expect(connection.copies?.restore(location)).rejects.toMatchObject({ code: 'locked' })
  expect(await database.query({ text: 'SELECT * FROM a' })).toEqual([])
  await other.close()
  await connection.copies?.restore(location)
  expect(await database.query({ text: 'SELECT rowid AS id, n FROM a' })).toEqual([
    { id: 5, n: 1 },
    { id: 9, n: 2 },
  ])
  await database.close()
})

/** 2,000 rows whose sum is 2,001,000, killed in an UPDATE of all of them. */
async function killedInTransaction(driverOf: (filename: string) => Driver): Promise<string> {
  const [live, filename] = [temporaryPath('live.sqlite'), temporaryPath('app.sqlite')]
  const connection = await driverOf(live).open()
  const run = (text: string) => connection.run([{ text, params: [] }])
  await run('CREATE TABLE a (n, x)')
  const rows =
    'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2000) SELECT i, randomblob(200)'
  await run(`INSERT INTO a ${rows} FROM c`)
  const session = await connection.reserve()
  for (const text of [
    'PRAGMA cache_size = 5',
    'BEGIN',
    'PRAGMA user_version = 7',
    'UPDATE a SET n = n + 7, x = randomblob(200)',
  ])
    await session.run([{ text, params: [] }])
  for (const suffix of ['', '-journal']) copyFileSync(live + suffix, filename + suffix)
  await session.release()
  await connection.close()
  return filename
}

const sum = 'SELECT count(*) AS rows, sum(n) AS sum FROM a'
const whole = { rows: 2000, sum: 2_001_000 }
const withKey = (filename: string) => encryptedDriver({ filename, key })

test('one that was killed in a transaction is left to its key: without encryption it is no database, and stays as it is', async () => {
  const filename = await killedInTransaction(withKey)
  const before = filesOf(filename)
  for (const readOnly of [false, true])
    await expect(nodeDriver({ filename, readOnly }).open()).rejects.toMatchObject({ code: 'not-a-database' })
  expect(filesOf(filename)).toEqual(before)
  expect(await read(withKey(filename), sum)).toEqual(whole)
})

test('one that was killed in a transaction is a wrong key to another key, and stays as it is for its own', async () => {
  const filename = await killedInTransaction(withKey)
  const before = filesOf(filename)
  for (let time = 0; time < 2; time += 1)
    await expect(encryptedDriver({ filename, key: otherKey }).open()).rejects.toMatchObject({ code: 'wrong-key' })
  expect(filesOf(filename)).toEqual(before)
  expect(await read(withKey(filename), sum)).toEqual(whole)
})

test('one that is not encrypted and was killed in a transaction is told as that, and stays as it is', async () => {
  const plain = (filename: string) => nodeDriver({ filename })
  const filename = await killedInTransaction(plain)
  const before = filesOf(filename)
  await expect(withKey(filename).open()).rejects.toThrow('encryptDatabase')
  expect(filesOf(filename)).toEqual(before)
  expect(await read(plain(filename), sum)).toEqual(whole)
})

test('pages that a loss of power has torn, the first one too, are taken back from the journal by the right key', async () => {
  const filename = await killedInTransaction(withKey)
  const bytes = readFileSync(filename)
  const journal = readFileSync(`${filename}-journal`)
  const [records, sectorSize] = [journal.readUInt32BE(8), journal.readUInt32BE(20)]
  const inJournal = Array.from({ length: records }, (_, index) => journal.readUInt32BE(sectorSize + index * 4104))
  // Behind the salt, which no write changes.
  const tear = (page: number) => bytes.fill(0x5a, (page - 1) * 4096 + 512, page * 4096)
  for (const page of inJournal) tear(page)
  expect(inJournal).toContain(1)
  writeFileSync(filename, bytes)
  await expect(encryptedDriver({ filename, key: otherKey }).open()).rejects.toMatchObject({ code: 'wrong-key' })
  expect(readFileSync(filename).equals(bytes)).toBe(true)
  expect(await read(withKey(filename), sum)).toEqual(whole)
  // With no page of the file whole, the journal alone shows the key.
  for (let page = 1; page <= bytes.length / 4096; page += 1) tear(page)
  const [torn, pages] = [`${filename}.torn`, `${filename}.pages`]
  writeFileSync(torn, bytes)
  writeFileSync(pages, journal)
  const file = openSync(torn, 'r')
  expect([hasKey(key, file, pages), hasKey(otherKey, file, pages), hasKey(key, file, torn)]).toEqual([
    true,
    false,
    false,
  ])
  closeSync(file)
})

test('what a restore kept of a database with a journal is put back by its key, with every row', async () => {
  const filename = await killedInTransaction(withKey)
  const connection = await encryptedDriver({ filename: `${filename}.copy`, key: otherKey }).open()
  await connection.run([{ text: 'CREATE TABLE other (n)', params: [] }])
  await connection.close()
  const undone = await encryptedDriver({ filename, key: otherKey }).copies?.restore(`${filename}.copy`)
  expect(namesBeside(filename).some((name) => name.endsWith('.sqlite-journal'))).toBe(true)
  await withKey(filename).copies?.restore(undone?.undo ?? '')
  expect(await read(withKey(filename), sum)).toEqual(whole)
})
