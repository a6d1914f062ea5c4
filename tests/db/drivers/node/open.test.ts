import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { query, write } from '../run-text.ts'

function makeDatabase(path: string, ...texts: readonly string[]): void {
  const database = new DatabaseSync(path)
  for (const text of texts) database.exec(text)
  database.close()
}

describe('a file that cannot be opened', () => {
  test('a missing one is storage-unavailable and is not created where create is false', async () => {
    const filename = temporaryPath('app.sqlite')
    const driver = nodeDriver({ filename, create: false })
    await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
    await expect(nodeDriver({ filename, readOnly: true }).open()).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(namesBeside(filename)).toEqual([])
  })

  test('a folder is storage-unavailable', async () => {
    const filename = temporaryPath('app.sqlite')
    mkdirSync(filename)
    await expect(nodeDriver({ filename }).open()).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  test('one in a folder that is not there is storage-unavailable', async () => {
    const filename = temporaryPath('nowhere/app.sqlite')
    await expect(nodeDriver({ filename }).open()).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  test('one of another format is not-a-database, and keeps its bytes', async () => {
    const filename = temporaryPath('app.sqlite')
    const bytes = Buffer.from('These are notes, and no database. '.repeat(200))
    writeFileSync(filename, bytes)
    await expect(nodeDriver({ filename }).open()).rejects.toMatchObject({
      code: 'not-a-database',
      sqlite: { primary: 'SQLITE_NOTADB' },
    })
    expect(readFileSync(filename).equals(bytes)).toBe(true)
    expect(namesBeside(filename)).toEqual(['app.sqlite'])
  })

  test('one with a damaged schema is corrupt at open, and keeps its bytes', async () => {
    const filename = temporaryPath('app.sqlite')
    makeDatabase(filename, 'CREATE TABLE a (n)')
    const bytes = readFileSync(filename)
    bytes.fill(0x7f, 100, 112)
    writeFileSync(filename, bytes)
    await expect(nodeDriver({ filename }).open()).rejects.toMatchObject({ code: 'corrupt' })
    expect(readFileSync(filename).equals(bytes)).toBe(true)
  })

  test.skipIf(process.getuid?.() === 0)(
    'one without the right to read is storage-unavailable (root may read all)',
    async () => {
      const filename = temporaryPath('app.sqlite')
      makeDatabase(filename, 'CREATE TABLE a (n)')
      chmodSync(filename, 0)
      await expect(nodeDriver({ filename }).open()).rejects.toMatchObject({ code: 'storage-unavailable' })
    },
  )
})

describe('a file that is only looked at', () => {
  test('opening, reading and closing it changes no byte, for reading only and otherwise', async () => {
    for (const mode of ['DELETE', 'WAL']) {
      for (const readOnly of [true, false]) {
        const filename = temporaryPath('app.sqlite')
        makeDatabase(filename, `PRAGMA journal_mode = ${mode}`, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
        const before = { bytes: readFileSync(filename), changed: statSync(filename, { bigint: true }).mtimeNs }
        const connection = await nodeDriver({ filename, readOnly }).open()
        expect(await query(connection, 'SELECT n FROM a')).toEqual([[1]])
        expect((await connection.export()).length).toBe(before.bytes.length)
        await connection.close()
        expect(readFileSync(filename).equals(before.bytes)).toBe(true)
        expect(statSync(filename, { bigint: true }).mtimeNs).toBe(before.changed)
      }
    }
  })

  test('opened for reading only it refuses every write', async () => {
    const filename = temporaryPath('app.sqlite')
    makeDatabase(filename, 'CREATE TABLE a (n)')
    const connection = await nodeDriver({ filename, readOnly: true }).open()
    await expect(write(connection, 'INSERT INTO a VALUES (1)')).rejects.toMatchObject({
      code: 'storage-unavailable',
      sqlite: { primary: 'SQLITE_READONLY' },
    })
    await connection.close()
  })

  test('frames that wait in a -wal file are read and exported', async () => {
    const filename = temporaryPath('app.sqlite')
    const writer = new DatabaseSync(filename)
    writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE a (n); INSERT INTO a VALUES ('in the wal')")
    const connection = await nodeDriver({ filename, create: false }).open()
    expect(await query(connection, 'SELECT n FROM a')).toEqual([['in the wal']])
    const copy = temporaryPath('exported.sqlite')
    writeFileSync(copy, await connection.export())
    await connection.close()
    writer.close()
    const exported = new DatabaseSync(copy)
    expect(exported.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
    expect(exported.prepare('SELECT n FROM a').all()).toEqual([{ n: 'in the wal' }])
    exported.close()
  })
})

describe('names', () => {
  test('a path is a path, whatever characters it has', async () => {
    for (const name of ['a b.sqlite', 'ä#?%20&.sqlite', 'file:x.sqlite?mode=memory', '-v', ':memory:.sqlite']) {
      const filename = temporaryPath(name)
      const connection = await nodeDriver({ filename }).open()
      await write(connection, 'CREATE TABLE a (n)')
      await connection.close()
      expect(namesBeside(filename)).toEqual([name])
    }
  })

  test('a relative path is one from where the driver was made', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename: relative(process.cwd(), filename) }).open()
    await connection.close()
    expect(namesBeside(filename)).toEqual(['app.sqlite'])
  })
})

test('an empty file is an empty database', async () => {
  const filename = temporaryPath('app.sqlite')
  writeFileSync(filename, '')
  const connection = await nodeDriver({ filename, create: false }).open()
  expect(await query(connection, 'SELECT count(*) FROM sqlite_schema')).toEqual([[0]])
  await connection.close()
})

test.skipIf(process.platform !== 'linux')(
  'a journal that is over costs no descriptor (Linux says which files are open)',
  async () => {
    const filename = temporaryPath('app.sqlite')
    makeDatabase(filename, 'PRAGMA journal_mode = PERSIST', 'CREATE TABLE a (n)')
    expect(readFileSync(`${filename}-journal`)[0]).toBe(0)
    const connection = await nodeDriver({ filename }).open()
    await connection.close()
    const open = readdirSync('/proc/self/fd').flatMap((number) => {
      const link = `/proc/self/fd/${number}`
      return existsSync(link) ? [readlinkSync(link)] : []
    })
    expect(open).not.toContain(filename)
    expect(open.length).toBeGreaterThan(2)
  },
)

test('more different statements than are kept prepared all run', async () => {
  const connection = await nodeDriver({ filename: ':memory:' }).open()
  for (const turn of [0, 1]) {
    for (let number = 0; number < 450; number += 1) {
      expect(await query(connection, `SELECT ${number}, ${turn}`)).toEqual([[number, turn]])
    }
  }
  await connection.close()
})
