import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { encryptDatabase, encryptedDriver } from 'selfsame/encrypted'
import { nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'

const key = '0123456789abcdef'.repeat(4)
const isPlain = (file: string) => readFileSync(file).subarray(0, 6).toString('latin1') === 'SQLite'
const statements = (...texts: string[]) => texts.map((text) => ({ text, params: [] }))

/** What another process says to a write: its lock is not this one's, as POSIX has it. */
function writeElsewhere(file: string, text: string): string {
  const script = `const { DatabaseSync } = require('node:sqlite')
    try { new DatabaseSync(process.argv[1]).exec(process.argv[2]); console.log('written') } catch (error) { console.log(error.message) }`
  const { stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', script, file, text])
  return stdout.toString().trim()
}

async function plainFile(...texts: string[]): Promise<string> {
  const filename = temporaryPath('app.sqlite')
  const connection = await nodeDriver({ filename }).open()
  await connection.run(statements(...texts))
  await connection.close()
  return filename
}

async function rowsOf(filename: string): Promise<unknown> {
  const connection = await encryptedDriver({ filename, key, create: false }).open()
  const [result] = await connection.run(statements('SELECT n FROM a ORDER BY n'))
  await connection.close()
  return result?.rows
}

const { rename } = promises
afterEach(() => {
  promises.rename = rename
  syncBuiltinESMExports()
})

test.each(['WAL', 'DELETE'])('no write of another process is lost before the renaming (%s)', async (mode) => {
  const filename = await plainFile(`PRAGMA journal_mode = ${mode}`, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  expect(writeElsewhere(filename, 'INSERT INTO a VALUES (2)')).toBe('written')
  const said: string[] = []
  promises.rename = async (from, to) => {
    if (String(to) === filename) said.push(writeElsewhere(filename, 'INSERT INTO a VALUES (3)'))
    return rename(from, to)
  }
  syncBuiltinESMExports()
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: true })
  expect(said).toEqual(['database is locked'])
  expect(await rowsOf(filename)).toEqual([[1], [2]])
  expect(namesBeside(filename)).toEqual(['app.sqlite'])
})

test('a database in somebody’s transaction is left as it is', async () => {
  const filename = await plainFile('CREATE TABLE a (n)')
  const other = new DatabaseSync(filename)
  other.exec('BEGIN IMMEDIATE; INSERT INTO a VALUES (1)')
  await expect(encryptDatabase({ filename, key })).rejects.toMatchObject({ code: 'locked' })
  other.exec('COMMIT')
  other.close()
  expect(isPlain(filename)).toBe(true)
})

test('a connection that was idle without a WAL has its next write refused, and none of its writes is lost', async () => {
  const filename = await plainFile('CREATE TABLE a (n)')
  const idle = await nodeDriver({ filename }).open()
  await idle.run(statements('INSERT INTO a VALUES (1)'))
  await encryptDatabase({ filename, key })
  await expect(idle.run(statements('INSERT INTO a VALUES (2)'))).rejects.toThrow(/readonly/)
  await idle.close()
  expect(await rowsOf(filename)).toEqual([[1]])
})

test('a database whose writer was killed is recovered and encrypted', async () => {
  const writer = new DatabaseSync(await plainFile('CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'))
  const killed = writer.location() ?? ''
  // More than the cache holds, so that pages of the transaction are in the file.
  writer.exec(`PRAGMA cache_size = 5; BEGIN; UPDATE a SET n = 2; WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1
    FROM c LIMIT 20000) INSERT INTO a SELECT randomblob(200) FROM c`)
  const filename = temporaryPath('app.sqlite')
  for (const suffix of ['', '-journal']) copyFileSync(killed + suffix, filename + suffix)
  writer.close()
  expect(await encryptDatabase({ filename, key })).toMatchObject({ encrypted: true })
  expect(await rowsOf(filename)).toEqual([[1]])
  expect(namesBeside(filename)).toEqual(['app.sqlite'])
})
