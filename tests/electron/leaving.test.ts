import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import type { Driver, DriverConnection, StatementRunner } from '../../src/db/driver.ts'
import { electronDriver, type ElectronBridge } from '../../src/db/drivers/electron/index.ts'
import { HostedDatabase } from '../../src/db/drivers/electron/host/hosted-database.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, driverIn, inThread, pageAddress } from './stand-in/desktop-app.ts'

const run = (runner: StatementRunner, text: string) => runner.run([{ text, params: [] }])

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A database whose statements are answered when the test says so, in an engine that tells when it is to be ended. */
async function slowDatabase() {
  const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
  const finish = new Map<string, () => void>()
  const stops: number[] = []
  const driver = {
    ...file,
    open: async (): Promise<DriverConnection> => ({
      ...(await file.open()),
      run: async ([statement]) => {
        await new Promise<void>((resolve) => finish.set(statement?.text ?? '', resolve))
        return []
      },
    }),
    onEnd: () => undefined,
    stopIfStuck: async (within: number) => void stops.push(within),
    stop: () => undefined,
  }
  const database = new HostedDatabase({ driver, tell: () => undefined })
  for (const peer of ['leaver', 'other']) await database.call(peer, { name: 'open', values: ['c', {}] })
  const start = (peer: string) =>
    database.call(peer, { name: 'run', values: ['c', [{ text: `SELECT '${peer}'`, params: [] }], {}] })
  return { database, stops, start, finish: (peer: string) => finish.get(`SELECT '${peer}'`)?.() }
}

test('a window that leaves while it waits in line does not end another’s statement, but its own when that is begun', async () => {
  const { database, stops, start, finish } = await slowDatabase()
  const calls = [start('other'), start('leaver')]
  const left = database.endPeer('leaver')
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(stops).toEqual([])
  finish('other')
  await until(() => stops.length > 0)
  expect(stops[0]).toBe(5000)
  finish('leaver')
  await Promise.all([left, ...calls])
  await database.close()
})

test('what runs when the app quits has half a minute', async () => {
  const { database, stops, start, finish } = await slowDatabase()
  const call = start('other')
  const closed = database.close()
  await until(() => stops.length > 0)
  expect(stops[0]).toBe(30_000)
  finish('other')
  await Promise.all([call, closed])
})

test('closing closes every database, whatever one of them says, and tells of it', async () => {
  const closed: string[] = []
  const told: unknown[] = []
  const closing = (name: string, last: () => Promise<void>): Driver => {
    const driver = nodeDriver({ filename: temporaryPath('app.sqlite') })
    const open = async (): Promise<DriverConnection> => {
      const connection = await driver.open()
      const close = async () => {
        await connection.close()
        await last()
        closed.push(name)
      }
      return { ...connection, close }
    }
    return { ...driver, open }
  }
  const broken = closing('broken', () => Promise.reject(new Error('no more')))
  const other = closing('other', () => new Promise((resolve) => setTimeout(resolve, 50)))
  const app = desktopApp(broken, { databases: { app: broken, other }, onError: (error) => told.push(error) })
  const { window, driver } = app.openWindow()
  // One document, whose preload script has run once.
  const second = electronDriver({ name: 'other', bridge: window.world['selfsameDatabase'] as ElectronBridge })
  await Promise.all([driver.open(), second.open()])
  await app.close()
  expect([closed, told]).toMatchObject([['other'], [{ message: 'no more' }]])
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
})

test('what is being opened while main closes is refused, and leaves nothing open', async () => {
  const filename = temporaryPath('app.sqlite')
  let ended = 0
  const driver = nodeDriver({ filename })
  const app = desktopApp({
    ...driver,
    open: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const connection = await driver.open()
      return { ...connection, close: () => ((ended += 1), connection.close()) }
    },
  })
  const opening = app
    .openWindow()
    .driver.open()
    .catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 10))
  await app.close()
  expect([await opening, ended, existsSync(`${filename}-wal`)]).toMatchObject([{ code: 'closed' }, 1, false])
})

test('a window that cannot be told something does not fail who writes', async () => {
  const told: unknown[] = []
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }), {
    onError: (error) => told.push(error),
  })
  const [writer, deaf] = [app.openWindow(), app.openWindow()]
  const connection = await writer.driver.open()
  await deaf.driver.open()
  deaf.window.contents.send = () => {
    throw new Error('Render frame was disposed before WebFrameMain could be accessed')
  }
  await run(connection, 'CREATE TABLE a (n)')
  const session = await connection.reserve()
  for (const text of ['BEGIN', 'INSERT INTO a VALUES (1)', 'COMMIT']) await run(session, text)
  await session.release()
  expect((await run(connection, 'SELECT n FROM a'))[0]?.rows).toEqual([[1]])
  expect(told).toHaveLength(2)
  await app.close()
})

test('a late message of a document that has gone does not end the new one', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }))
  const { window } = app.openWindow()
  const late = (name: string, ...options: object[]) =>
    window.invokeAs({ url: pageAddress, parent: null }, 'selfsame:database', {
      page: 'b'.repeat(32),
      database: 'app',
      name,
      values: ['x', ...options],
    })
  await late('open', {})
  window.navigate(pageAddress)
  const connection = await driverIn(window).open()
  expect(await late('release')).toMatchObject({ error: { code: 'closed' } })
  expect((await run(connection, 'SELECT 1'))[0]?.rows).toEqual([[1]])
  await app.close()
})

test('the first write is answered while another window has a session', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite')))
  const [writer, other] = [await app.openWindow().driver.open(), await app.openWindow().driver.open()]
  const write = run(writer, 'CREATE TABLE a (n)')
  const session = await other.reserve()
  expect((await write)[0]?.tables).toEqual(['sqlite_schema'])
  await session.release()
  expect((await run(writer, 'PRAGMA journal_mode'))[0]?.rows).toEqual([['wal']])
  await app.close()
})
