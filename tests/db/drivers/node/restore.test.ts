import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { nodeCopies, nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { marksOf, writeBigDatabase } from './big-database.ts'
import { query, queryFile, write } from '../run-text.ts'
import { startChild } from './start-child.ts'

const whole = (mark: string) => ({ marks: [mark], whole: true, sound: true })

/** A database whose rows are marked `new`, and a copy of it from when they were `old`. */
async function databaseAndCopy() {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const { location } = await nodeCopies(filename).write({})
  writeBigDatabase(filename, 'new')
  return { filename, copy: location }
}

test('the copy’s content comes back, and the undo holds what was there', async () => {
  const { filename, copy } = await databaseAndCopy()
  const { location, bytes, undo } = await nodeCopies(filename).restore(copy)
  expect({ location, bytes }).toEqual({ location: copy, bytes: statSync(copy).size })
  expect(marksOf(filename)).toEqual(whole('old'))
  expect(marksOf(undo)).toEqual(whole('new'))
  expect(marksOf(copy)).toEqual(whole('old'))
})

test('connections that are open meanwhile see the content that was restored', async () => {
  const { filename, copy } = await databaseAndCopy()
  const driver = nodeDriver({ filename })
  const [one, other] = [await driver.open(), await driver.open()]
  expect(await query(other, 'SELECT DISTINCT mark FROM marked')).toEqual([['new']])
  await one.copies!.restore(copy)
  expect(await query(one, 'SELECT DISTINCT mark FROM marked')).toEqual([['old']])
  expect(await query(other, 'SELECT DISTINCT mark FROM marked')).toEqual([['old']])
  expect((await write(other, 'DELETE FROM marked')).tables).toEqual(['marked'])
  await Promise.all([one.close(), other.close()])
})

/** A database in WAL mode, and a copy of other content whose pages have the size asked for. */
function walDatabaseAndCopy(pageSize: number) {
  const [filename, copy] = [temporaryPath('app.sqlite'), temporaryPath('copy.sqlite')]
  const live = new DatabaseSync(filename)
  live.exec("PRAGMA journal_mode = WAL; CREATE TABLE a AS SELECT 'new' AS n")
  live.close()
  const source = new DatabaseSync(copy)
  source.exec(`PRAGMA page_size = ${pageSize}; CREATE TABLE a AS SELECT 'old' AS n`)
  source.close()
  return { filename, copy }
}

test('a database in WAL mode stays in it', async () => {
  const { filename, copy } = walDatabaseAndCopy(4096)
  const connection = await nodeDriver({ filename }).open()
  await connection.copies!.restore(copy)
  expect(await query(connection, 'PRAGMA journal_mode')).toEqual([['wal']])
  expect(await query(connection, 'SELECT n FROM a')).toEqual([['old']])
  await connection.close()
})

test('pages of another size wait until no connection keeps the file in WAL mode', async () => {
  const { filename, copy } = walDatabaseAndCopy(1024)
  const connection = await nodeDriver({ filename }).open()
  await expect(connection.copies!.restore(copy)).rejects.toMatchObject({ code: 'locked' })
  await connection.close()
  await nodeCopies(filename).restore(copy)
  expect(await queryFile(filename, 'SELECT n FROM a')).toEqual([['old']])
})

test('a copy that is missing, foreign or damaged is refused, and nothing changes', async () => {
  const { filename, copy } = await databaseAndCopy()
  const before = readFileSync(filename)
  const names = namesBeside(filename)
  const bytes = readFileSync(copy)
  const restore = () => nodeCopies(filename).restore(copy)
  writeFileSync(copy, Buffer.from(bytes).fill(0x55, 8192, 60_000))
  await expect(restore()).rejects.toMatchObject({ code: 'corrupt' })
  writeFileSync(copy, 'a letter, and no database. '.repeat(100))
  await expect(restore()).rejects.toMatchObject({ code: 'not-a-database' })
  rmSync(copy)
  await expect(restore()).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(readFileSync(filename).equals(before)).toBe(true)
  expect(namesBeside(filename)).toEqual(names.filter((name) => !copy.endsWith(name)))
})

test('a file that is damaged or no database is replaced, and its bytes are kept', async () => {
  const { filename, copy } = await databaseAndCopy()
  const sound = readFileSync(filename)
  for (const bytes of [Buffer.from('no database at all. '.repeat(500)), Buffer.from(sound).fill(0x55, 8192, 60_000)]) {
    writeFileSync(filename, bytes)
    chmodSync(filename, 0o600)
    const { undo } = await nodeCopies(filename).restore(copy)
    expect(undo).toContain('.selfsame-damaged-')
    expect(readFileSync(undo).equals(bytes)).toBe(true)
    expect(marksOf(filename)).toEqual(whole('old'))
    expect(statSync(filename).mode & 0o777).toBe(0o600)
  }
})

test('a connection on a damaged file works on the one that replaced it', async () => {
  const { filename, copy } = await databaseAndCopy()
  writeFileSync(filename, readFileSync(filename).fill(0x55, 100_000, 200_000))
  const connection = await nodeDriver({ filename }).open()
  await connection.copies!.restore(copy)
  expect(await query(connection, 'SELECT DISTINCT mark FROM marked')).toEqual([['old']])
  await write(connection, 'DELETE FROM marked')
  await connection.close()
  expect(await queryFile(filename, 'SELECT count(*) FROM marked')).toEqual([[0]])
})

test('where there is no database to restore into it is storage-unavailable', async () => {
  const { filename, copy } = await databaseAndCopy()
  rmSync(filename)
  await expect(nodeCopies(filename).restore(copy)).rejects.toMatchObject({ code: 'storage-unavailable' })
})

test('opened for reading only nothing is restored', async () => {
  const { filename, copy } = await databaseAndCopy()
  const connection = await nodeDriver({ filename, readOnly: true }).open()
  await expect(connection.copies!.restore(copy)).rejects.toMatchObject({ code: 'unsupported' })
  await connection.close()
  expect(marksOf(filename)).toEqual(whole('new'))
})

test('a process killed while it restores leaves the old content or the new, never a mix', async () => {
  const { filename, copy } = await databaseAndCopy()
  const found: unknown[] = []
  for (let round = 0; round < 12; round += 1) {
    const child = startChild('copies-child.ts', filename, copy)
    await child.ready
    await sleep(Math.random() * 80)
    child.kill()
    await child.ended
    const state = marksOf(filename)
    expect([whole('old'), whole('new')]).toContainEqual(state)
    found.push(state.marks[0])
    writeBigDatabase(filename, 'new')
  }
  expect(found).toHaveLength(12)
})

test('a copy whose index lacks rows is refused before anything is replaced, although quick_check passes it', async () => {
  const { filename, copy } = await databaseAndCopy()
  const before = readFileSync(filename)
  const damaged = new DatabaseSync(copy)
  damaged.enableDefensive(false)
  damaged.exec(`CREATE TABLE odd (n, m); CREATE INDEX odd_n ON odd (m); INSERT INTO odd VALUES (1, 2);
    PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX odd_n ON odd (n)' WHERE name = 'odd_n'`)
  damaged.close()
  expect(await queryFile(copy, 'PRAGMA quick_check')).toEqual([['ok']])
  const restore = nodeCopies(filename).restore(copy)
  await expect(restore).rejects.toMatchObject({
    code: 'corrupt',
    details: { findings: expect.arrayContaining([expect.stringContaining('missing from index odd_n')]) },
  })
  expect(readFileSync(filename)).toEqual(before)
  expect(namesBeside(filename).filter((name) => name.includes('damaged'))).toEqual([])
})

test('a copy that does not belong here is refused before anything is replaced', async () => {
  const { filename, copy } = await databaseAndCopy()
  const before = readFileSync(filename)
  for (const belongs of [[], ['SELECT 0'], ['SELECT count(*) > 0 FROM no_such_table']]) {
    await expect(nodeCopies(filename).restore(copy, { belongs })).rejects.toMatchObject({ code: 'foreign-schema' })
  }
  expect(readFileSync(filename)).toEqual(before)
  await nodeCopies(filename).restore(copy, {
    belongs: ['SELECT 1 FROM no_such_table', 'SELECT count(*) > 0 FROM marked'],
  })
  expect(marksOf(filename)).toEqual(whole('old'))
})
