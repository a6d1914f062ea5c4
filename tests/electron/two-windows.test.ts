import { expect, test } from 'vitest'
import { Database } from '../../src/db/database.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, inThread } from './stand-in/desktop-app.ts'

const writes = 10_000
const atOnce = 20

test(
  `two windows write ${writes} times at once: nothing is lost, both see every change`,
  { timeout: 600_000 },
  async () => {
    const app = desktopApp(inThread(temporaryPath('app.sqlite')))
    const windows = await Promise.all([0, 1].map(async () => new Database(await app.openWindow().driver.open())))
    const [first, second] = windows as [Database, Database]
    await first.batch([
      { text: 'CREATE TABLE a (id INTEGER PRIMARY KEY, window INT, n INT)' },
      { text: 'CREATE TABLE counter (n INT)' },
      { text: 'INSERT INTO counter VALUES (0)' },
    ])
    const heard = [0, 0]
    windows.forEach((db, index) =>
      db.onChange(({ tables }) => (heard[index] = (heard[index] ?? 0) + (tables.includes('a') ? 1 : 0))),
    )

    // Every tenth is a transaction that reads and writes back: one of two that overlapped would be lost.
    const write = async (db: Database, window: number, n: number) => {
      const insert = { text: 'INSERT INTO a (window, n) VALUES (?, ?)', params: [window, n] }
      if (n % 10 !== 0) return db.execute(insert)
      return db.transaction(async (tx) => {
        const row = await tx.queryOne<{ n: number }>({ text: 'SELECT n FROM counter' })
        await tx.execute(insert)
        await tx.execute({ text: 'UPDATE counter SET n = ?', params: [Number(row?.n) + 1] })
      })
    }
    const work = async (db: Database, window: number) => {
      let next = 0
      const worker = async () => {
        while (next < writes / 2) await write(db, window, (next += 1))
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
    }
    await Promise.all(windows.map(work))

    const rows = await second.query({
      text: 'SELECT window, count(*) AS rows, count(DISTINCT n) AS different FROM a GROUP BY window',
    })
    expect(rows).toEqual([0, 1].map((window) => ({ window, rows: writes / 2, different: writes / 2 })))
    expect(await first.query({ text: 'SELECT n FROM counter' })).toEqual([{ n: writes / 10 }])
    expect(heard).toEqual([writes, writes])
    await app.close()
    process.stdout.write(
      `two windows, ${writes} writes: ${writes} rows there, 0 lost; changes heard ${heard.join(' and ')}\n`,
    )
  },
)
