import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { temporaryPath } from '../temporary-path.ts'
import { query, write } from '../run-text.ts'

async function openBeside(setUp = 'CREATE TABLE a (n)') {
  const filename = temporaryPath('app.sqlite')
  const other = new DatabaseSync(filename)
  other.exec(setUp)
  const connection = await nodeDriver({ filename }).open()
  onTestFinished(async () => {
    await connection.close()
    if (other.isOpen) other.close()
  })
  return { filename, other, connection }
}

test('a write waits for another connection’s lock, runs once, and the event loop goes on', async () => {
  const { other, connection } = await openBeside()
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const ticking = setInterval(() => (turns += 1), 1)
  const written = write(connection, 'INSERT INTO a VALUES (1)')
  await sleep(60)
  other.exec('COMMIT')
  expect((await written).changes).toBe(1)
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(0)
  expect(await query(connection, 'SELECT n FROM a')).toEqual([[1]])
})

test('a batch waits for the lock at its BEGIN and is whole', async () => {
  const { other, connection } = await openBeside()
  other.exec('BEGIN IMMEDIATE; INSERT INTO a VALUES (0)')
  const written = connection.run(
    [1, 2, 3].map((n) => ({ text: 'INSERT INTO a VALUES (?)', params: [n] })),
    { transaction: true },
  )
  await sleep(30)
  other.exec('COMMIT')
  expect((await written).length).toBe(3)
  expect(await query(connection, 'SELECT n FROM a')).toEqual([[0], [1], [2], [3]])
})

test('a COMMIT waits for a reader', async () => {
  const { other, connection } = await openBeside()
  other.exec('BEGIN; SELECT * FROM a')
  const reading = other.prepare('SELECT 1 FROM sqlite_schema').iterate()
  reading.next()
  const written = connection.run([{ text: 'INSERT INTO a VALUES (1)', params: [] }], { transaction: true })
  await sleep(30)
  reading.return?.()
  other.exec('COMMIT')
  expect((await written)[0]?.changes).toBe(1)
  expect(await query(connection, 'SELECT n FROM a')).toEqual([[1]])
})

test('a lock that is never let go ends as locked, with nothing written', async () => {
  const { other, connection } = await openBeside()
  other.exec('BEGIN IMMEDIATE')
  await expect(write(connection, 'INSERT INTO a VALUES (1)')).rejects.toMatchObject({
    code: 'locked',
    sqlite: { primary: 'SQLITE_BUSY' },
  })
  other.exec('ROLLBACK')
  expect(await query(connection, 'SELECT n FROM a')).toEqual([])
})

test('inside a transaction a lock is reported, and the transaction can be rolled back', async () => {
  const { other, connection } = await openBeside()
  const session = await connection.reserve()
  await write(session, 'BEGIN')
  await query(session, 'SELECT n FROM a')
  other.exec('BEGIN IMMEDIATE')
  await expect(write(session, 'INSERT INTO a VALUES (2)')).rejects.toMatchObject({ code: 'locked' })
  await session.release()
  other.exec('COMMIT')
})

test('a snapshot that another writer has overtaken is reported', async () => {
  const { other, connection } = await openBeside('PRAGMA journal_mode = WAL; CREATE TABLE a (n)')
  const session = await connection.reserve()
  await write(session, 'BEGIN')
  await query(session, 'SELECT n FROM a')
  other.exec('INSERT INTO a VALUES (1)')
  await expect(write(session, 'INSERT INTO a VALUES (2)')).rejects.toMatchObject({
    code: 'locked',
    sqlite: { extended: 'SQLITE_BUSY_SNAPSHOT' },
  })
  await session.release()
})

test('opening waits for a lock on the whole file', async () => {
  const { filename, other } = await openBeside()
  other.exec('BEGIN EXCLUSIVE')
  const opening = nodeDriver({ filename }).open()
  await sleep(30)
  other.exec('ROLLBACK')
  const opened = await opening
  expect(await query(opened, 'SELECT count(*) FROM a')).toEqual([[0]])
  await opened.close()
})

test('many connections in one process all get their turn', async () => {
  const { filename, connection } = await openBeside()
  const driver = nodeDriver({ filename })
  const others = await Promise.all(Array.from({ length: 6 }, () => driver.open()))
  await Promise.all(
    others.flatMap((one) => Array.from({ length: 10 }, (_, n) => write(one, 'INSERT INTO a VALUES (?)', n))),
  )
  expect(await query(connection, 'SELECT count(*) FROM a')).toEqual([[60]])
  await Promise.all(others.map((one) => one.close()))
})

test('the first read of a transaction that only reads waits for another connection’s commit', async () => {
  const { other, connection } = await openBeside()
  const session = await connection.reserve()
  await write(session, 'BEGIN')
  other.exec('BEGIN EXCLUSIVE; INSERT INTO a VALUES (1)')
  const read = query(session, 'SELECT n FROM a')
  await sleep(60)
  other.exec('COMMIT')
  expect(await read).toEqual([[1]])
  await session.release()
})
