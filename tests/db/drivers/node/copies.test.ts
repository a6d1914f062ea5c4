import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { nodeCopies, nodeDriver } from 'selfsame/node'
import { mustHaveRoom } from '../../../../src/db/drivers/node/file-durability.ts'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { marksOf, writeBigDatabase } from './big-database.ts'
import { query, queryFile, write } from '../run-text.ts'
import { startChild } from './start-child.ts'

describe('writing a copy', () => {
  test('it is beside the database, named after it and the time, for its owner alone', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    const { location, bytes } = await nodeCopies(filename).write({})
    expect(isAbsolute(location)).toBe(true)
    expect(dirname(location)).toBe(dirname(filename))
    expect(basename(location)).toMatch(/^app\.sqlite\.selfsame-backup-\d{8}T\d{9}Z-[0-9a-f]{6}\.sqlite$/)
    expect(statSync(location).mode & 0o777).toBe(0o600)
    expect(statSync(location).size).toBe(bytes)
    expect(marksOf(location)).toEqual({ marks: ['old'], whole: true, sound: true })
    expect(namesBeside(filename)).toEqual(['app.sqlite', basename(location)])
  })

  test('rowids stay as they are', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await write(connection, 'CREATE TABLE a (n)')
    await write(connection, "INSERT INTO a (rowid, n) VALUES (7, 'x'), (900, 'y')")
    const { location } = await connection.copies!.write({})
    await connection.close()
    const copy = new DatabaseSync(location)
    expect(copy.prepare('SELECT rowid FROM a').all()).toEqual([{ rowid: 7 }, { rowid: 900 }])
    copy.close()
  })

  test('of a database in WAL mode it is one plain file with the frames that waited', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await write(connection, 'PRAGMA journal_mode = WAL')
    await write(connection, "CREATE TABLE a AS SELECT 'in the wal' AS n")
    const location = temporaryPath('copy.sqlite')
    await connection.copies!.write({ location })
    expect(namesBeside(location)).toEqual(['copy.sqlite'])
    expect([...readFileSync(location).subarray(18, 20)]).toEqual([1, 1])
    expect(await queryFile(location, 'SELECT n FROM a')).toEqual([['in the wal']])
    await connection.close()
  })

  test('what a session has not committed is not in it, and the session goes on', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await write(connection, 'CREATE TABLE a (n)')
    const session = await connection.reserve()
    await write(session, 'BEGIN IMMEDIATE')
    await write(session, 'INSERT INTO a VALUES (1)')
    const { location } = await connection.copies!.write({})
    await write(session, 'COMMIT')
    await session.release()
    expect(await query(connection, 'SELECT n FROM a')).toEqual([[1]])
    await connection.close()
    expect(await queryFile(location, 'SELECT n FROM a')).toEqual([])
  })

  test('a directory is made when it is missing, and its copies are listed there', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    const directory = join(dirname(filename), 'backups', 'of today')
    const copies = nodeCopies(filename)
    expect(await copies.list({ directory })).toEqual([])
    const { location } = await copies.write({ directory })
    expect(dirname(location)).toBe(directory)
    expect((await copies.list({ directory })).map((copy) => copy.location)).toEqual([location])
    expect(await copies.list({})).toEqual([])
  })

  test('copies of another database in the same folder are not listed', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    writeBigDatabase(`${filename}2`, 'other')
    await nodeCopies(`${filename}2`).write({})
    expect(await nodeCopies(filename).list({})).toEqual([])
  })

  test('a file that is there already is not overwritten', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    const location = join(dirname(filename), 'precious')
    writeFileSync(location, 'precious')
    await expect(nodeCopies(filename).write({ location })).rejects.toMatchObject({ code: 'backup-failed' })
    expect(readFileSync(location, 'utf8')).toBe('precious')
    expect(namesBeside(filename)).toEqual(['app.sqlite', 'precious'])
  })

  test('where a directory cannot be made it is backup-failed', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    await expect(nodeCopies(filename).write({ directory: `${filename}/inside a file` })).rejects.toMatchObject({
      code: 'backup-failed',
    })
  })

  test('more bytes than there is room for are refused before anything is written', async () => {
    const folder = dirname(temporaryPath('app.sqlite'))
    await expect(mustHaveRoom(folder, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: 'no-space',
      details: { needed: expect.any(Number), available: expect.any(Number) },
    })
    await expect(mustHaveRoom(folder, 1)).resolves.toBeUndefined()
  })

  test.skipIf(process.platform === 'win32')(
    'a write that fails half-way leaves no file behind (no file size limit on Windows)',
    async () => {
      const filename = temporaryPath('app.sqlite')
      writeBigDatabase(filename, 'old')
      const script = `
        import { nodeCopies } from ${JSON.stringify(join(import.meta.dirname, '../../../../src/db/drivers/node/index.ts'))}
        await nodeCopies(${JSON.stringify(filename)}).write({}).catch((error) => console.log(error.code))`
      // 1 MB; ignoring the signal makes the limit an error of write().
      const command = `ulimit -f 1000; trap '' XFSZ; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"`
      const said = execFileSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' })
      expect(said.trim()).toMatch(/^(?:backup-failed|no-space)$/)
      expect(namesBeside(filename)).toEqual(['app.sqlite'])
    },
  )

  test('damage met on the way is corrupt, and leaves no file behind', async () => {
    for (const damage of ['overwritten', 'cut off']) {
      const filename = temporaryPath('app.sqlite')
      writeBigDatabase(filename, 'old')
      const bytes = readFileSync(filename)
      writeFileSync(filename, damage === 'cut off' ? bytes.subarray(0, 1_000_000) : bytes.fill(0x55, 8192, 60_000))
      await expect(nodeCopies(filename).write({})).rejects.toMatchObject({ code: 'corrupt' })
      expect(namesBeside(filename)).toEqual(['app.sqlite'])
    }
  })

  test('rows that break a rule of their table are not damage', async () => {
    const filename = temporaryPath('app.sqlite')
    const connection = await nodeDriver({ filename }).open()
    await write(connection, 'CREATE TABLE a (n, CHECK (n > 0))')
    await write(connection, 'PRAGMA ignore_check_constraints = ON')
    await write(connection, 'INSERT INTO a VALUES (-1)')
    await expect(connection.copies!.write({})).resolves.toMatchObject({ bytes: 8192 })
    await connection.close()
  })

  test('a process killed while it copies leaves only whole copies under the name of one', async () => {
    const filename = temporaryPath('app.sqlite')
    writeBigDatabase(filename, 'old')
    for (let round = 0; round < 8; round += 1) {
      const child = startChild('copies-child.ts', filename, 'write')
      await child.ready
      await sleep(Math.random() * 60)
      child.kill()
      await child.ended
    }
    for (const { location } of await nodeCopies(filename).list({})) {
      expect(marksOf(location)).toEqual({ marks: ['old'], whole: true, sound: true })
    }
    expect(marksOf(filename)).toEqual({ marks: ['old'], whole: true, sound: true })
  })
})

test('a connection that is closed, or in memory, gives no copies', async () => {
  const connection = await nodeDriver({ filename: temporaryPath('app.sqlite') }).open()
  await connection.close()
  await expect(connection.copies!.write({})).rejects.toMatchObject({ code: 'closed' })
  await expect(connection.copies!.list({})).rejects.toMatchObject({ code: 'closed' })
  await expect(connection.copies!.restore('x')).rejects.toMatchObject({ code: 'closed' })
  const inMemory = await nodeDriver({ filename: ':memory:' }).open()
  expect(inMemory.copies).toBeUndefined()
  await inMemory.close()
})
