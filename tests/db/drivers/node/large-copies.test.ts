import { truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { nodeCopies } from 'selfsame/node'
import type { CopyProgress } from '../../../../src/db/driver.ts'
import { checkInThread } from '../../../../src/db/drivers/node/check-in-thread.ts'
import { temporaryPath } from '../temporary-path.ts'
import { writeBigDatabase } from './big-database.ts'

/** A database of about 40 MB, which is checked in a thread. */
function writeLargeDatabase(filename: string): void {
  const database = new DatabaseSync(filename)
  database.exec(`CREATE TABLE large (n, m, filler); CREATE INDEX large_n ON large (m); INSERT INTO large VALUES (1, 2, '');
    WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 40)
    INSERT INTO large SELECT n, n, zeroblob(1000000) FROM c`)
  database.close()
}

/** Gives an index the text of another: it then has as many entries as there are rows, and the wrong ones. */
function spoilIndex(filename: string): void {
  const database = new DatabaseSync(filename)
  database.enableDefensive(false)
  database.exec(`PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = 'CREATE INDEX large_n ON large (n)' WHERE name = 'large_n'`)
  database.close()
}

test('a copy tells how many bytes are done, up to all of them', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const told: CopyProgress[] = []
  const { bytes } = await nodeCopies(filename).write({ onProgress: (progress) => told.push(progress) })
  expect(told.length).toBeGreaterThan(0)
  expect(told.every(({ done, total }) => total === bytes && done <= bytes)).toBe(true)
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b))
})

test('a large copy is written and restored while the event loop turns, and a spoilt one is found out', async () => {
  const filename = temporaryPath('app.sqlite')
  writeLargeDatabase(filename)
  const { location } = await nodeCopies(filename).write({})
  await nodeCopies(filename).restore(location)
  spoilIndex(location)
  await expect(nodeCopies(filename).restore(location)).rejects.toMatchObject({
    code: 'corrupt',
    details: { findings: expect.arrayContaining([expect.stringContaining('missing from index large_n')]) },
  })
})

test('the thread finds what is wrong, and says what it cannot read', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  expect(await checkInThread(filename, 'quick_check')).toEqual([])
  truncateSync(filename, 400 * 4096)
  await expect(checkInThread(filename, 'quick_check')).rejects.toMatchObject({ code: 'corrupt' })
  writeFileSync(filename, 'no database. '.repeat(1000))
  await expect(checkInThread(filename, 'quick_check')).rejects.toMatchObject({ code: 'not-a-database' })
})

test('a check in the thread leaves the event loop free', async () => {
  const filename = temporaryPath('app.sqlite')
  writeLargeDatabase(filename)
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  await checkInThread(filename, 'integrity_check')
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
})
