import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { sqljsDriver, type InitSqljs } from 'selfsame/sqljs'
import { temporaryPath } from '../temporary-path.ts'
import { query, write } from '../run-text.ts'

const require = createRequire(import.meta.url)

test('sql.js is started with the wasm, or the place of it, that the driver was given', async () => {
  const locateFile = (name: string) => `https://app.example/${name}`
  const wasm = await readFile(require.resolve('sql.js/dist/sql-wasm.wasm'))
  const { default: init } = (await import('sql.js' as string)) as { default: InitSqljs }
  const started: unknown[] = []
  const load = async (): Promise<InitSqljs> => (options) => {
    started.push(options)
    return init({ wasmBinary: wasm })
  }
  for (const options of [{ wasm, load }, { locateFile, load }, { load }]) {
    await (await sqljsDriver(options).open()).close()
  }
  expect(started).toEqual([{ wasmBinary: wasm }, { locateFile }, {}])
})

test('sql.js is loaded once for a driver, and again after a failure', async () => {
  let loads = 0
  const { default: init } = (await import('sql.js' as string)) as { default: InitSqljs }
  const load = async () => {
    loads += 1
    if (loads === 1) throw new Error('offline')
    return init
  }
  const driver = sqljsDriver({ load })
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable', cause: { message: 'offline' } })
  const connections = await Promise.all([driver.open(), driver.open()])
  expect(loads).toBe(2)
  await Promise.all(connections.map((connection) => connection.close()))
})

test('an image that is no database, or a damaged one, is refused at open', async () => {
  const junk = new TextEncoder().encode('These are notes. '.repeat(300))
  await expect(sqljsDriver({ image: junk }).open()).rejects.toMatchObject({
    code: 'not-a-database',
    sqlite: { primary: 'SQLITE_NOTADB' },
  })
  const connection = await sqljsDriver().open()
  await write(connection, 'CREATE TABLE a (n)')
  const image = await connection.export()
  await connection.close()
  await expect(sqljsDriver({ image: image.fill(0x7f, 100, 112) }).open()).rejects.toMatchObject({ code: 'corrupt' })
})

test('an image that the node driver exported opens here, and the other way round', async () => {
  const node = await nodeDriver({ filename: temporaryPath('app.sqlite') }).open()
  await write(node, 'PRAGMA journal_mode = WAL')
  await write(node, 'CREATE TABLE a (n)')
  await write(node, 'INSERT INTO a VALUES (?)', 2n ** 60n)
  const sqljs = await sqljsDriver({ image: await node.export() }).open()
  expect(await query(sqljs, 'SELECT n FROM a')).toEqual([[2n ** 60n]])
  const back = new DatabaseSync(':memory:')
  back.deserialize(await sqljs.export())
  expect(back.prepare('SELECT count(*) AS n FROM a').get()).toEqual({ n: 1 })
  await Promise.all([node.close(), sqljs.close()])
})

test('without a store each connection is a database of its own', async () => {
  const driver = sqljsDriver()
  const [one, other] = [await driver.open(), await driver.open()]
  await write(one, 'CREATE TABLE a (n)')
  expect(await query(other, 'SELECT count(*) FROM sqlite_schema')).toEqual([[0]])
  expect(one.copies).toBeUndefined()
  await Promise.all([one.close(), other.close()])
})

test('a unique index on other columns than the primary key fails as UNIQUE', async () => {
  const connection = await sqljsDriver().open()
  await write(connection, 'CREATE TABLE a (x, y, z, PRIMARY KEY (x, y), UNIQUE (x, z))')
  await write(connection, 'INSERT INTO a VALUES (1, 2, 3)')
  const extended = async (text: string) =>
    write(connection, text).then(
      () => 'none',
      (error: { sqlite?: { extended: string } }) => error.sqlite?.extended,
    )
  expect(await extended('INSERT INTO a VALUES (1, 2, 4)')).toBe('SQLITE_CONSTRAINT_PRIMARYKEY')
  expect(await extended('INSERT INTO a VALUES (1, 5, 3)')).toBe('SQLITE_CONSTRAINT_UNIQUE')
  await write(connection, 'CREATE TABLE b (n)')
  await write(connection, 'INSERT INTO b (rowid) VALUES (1)')
  expect(await extended('INSERT INTO b (rowid) VALUES (1)')).toBe('SQLITE_CONSTRAINT_ROWID')
  await connection.close()
})

test('more different statements than are kept prepared all run', async () => {
  const connection = await sqljsDriver().open()
  for (const turn of [0, 1]) {
    for (let number = 0; number < 450; number += 1) {
      expect(await query(connection, `SELECT ${number}, ${turn}`)).toEqual([[number, turn]])
    }
  }
  await connection.close()
})
