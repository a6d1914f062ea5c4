import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { Database } from '../../src/db/database.ts'
import type { DriverConnection, StatementRunner } from '../../src/db/driver.ts'
import { checkStatement } from '../../src/db/statement.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, driverIn, inThread, pageAddress } from './stand-in/desktop-app.ts'
import type { StandInWindow } from './stand-in/electron.ts'

const run = async (runner: StatementRunner, ...texts: string[]) =>
  runner.run(texts.map((text) => checkStatement({ text })))

async function valueOf(runner: StatementRunner, text: string): Promise<unknown> {
  return (await run(runner, text))[0]?.rows[0]?.[0]
}

/** Two windows on one database; the first has a transaction open with a row in it. */
async function twoWindows(driver = nodeDriver({ filename: temporaryPath('app.sqlite') })) {
  const app = desktopApp(driver)
  const first = app.openWindow()
  const connection = await first.driver.open()
  const other = await app.openWindow().driver.open()
  await run(connection, 'CREATE TABLE a (n)')
  const session = await connection.reserve()
  await run(session, 'BEGIN IMMEDIATE', 'INSERT INTO a VALUES (1)')
  return { app, window: first.window, other, session }
}

test.each([
  ['closed', (window: { destroy(): void }) => window.destroy()],
  ['reloaded', (window: { navigate(url: string): void }) => window.navigate(pageAddress)],
  ['taken elsewhere', (window: { navigate(url: string): void }) => window.navigate('https://example.org/')],
  [
    'left by a crashed renderer',
    (window: { contents: { emit(name: string): unknown } }) => window.contents.emit('render-process-gone'),
  ],
])('a window that is %s loses its transaction, and the other goes on', async (_, leave) => {
  const { app, window, other } = await twoWindows()
  const waiting = valueOf(other, 'SELECT count(*) FROM a')
  leave(window as never)
  expect(await waiting).toBe(0)
  await app.close()
})

test('a window that dies while it waits for its turn gives it up', async () => {
  const { app, other, session } = await twoWindows()
  const third = app.openWindow()
  const dying = await third.driver.open()
  const refused = dying.reserve().catch((error: unknown) => error)
  third.window.destroy()
  await session.release()
  expect(await valueOf(other, 'SELECT count(*) FROM a')).toBe(0)
  expect(await refused).toMatchObject({ code: 'closed' })
  await app.close()
})

test('a document in the place of another ends it, told of it or not', async () => {
  const { app, window, other } = await twoWindows()
  await driverIn(window).open()
  expect(await valueOf(other, 'SELECT count(*) FROM a')).toBe(0)
  await app.close()
})

test('a move inside the document ends nothing', async () => {
  const { app, window, session } = await twoWindows()
  window.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
  window.contents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false })
  await run(session, 'COMMIT')
  expect(await valueOf(session, 'SELECT count(*) FROM a')).toBe(1)
  await session.release()
  await app.close()
})

test('the launch lock of a window that goes is let go', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite')))
  const [first, second] = [app.openWindow(), app.openWindow()]
  await first.driver.acquireLaunchLock({ timeoutMs: 1000 })
  let waited = 0
  const acquired = second.driver.acquireLaunchLock({
    timeoutMs: 30_000,
    onWait: () => {
      waited += 1
      first.window.destroy()
    },
  })
  await (
    await acquired
  )()
  expect(waited).toBe(1)
  await app.close()
})

test('every window hears of a commit, and none of what was rolled back', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }))
  const [writer, reader] = await Promise.all(
    [app.openWindow(), app.openWindow()].map(async ({ driver }) => new Database(await driver.open())),
  )
  await writer?.execute({ text: 'CREATE TABLE a (n)' })
  const heard: (readonly string[])[] = []
  reader?.onChange(({ tables }) => heard.push(tables))
  await writer?.transaction((tx) => tx.execute({ text: 'INSERT INTO a VALUES (1)' }))
  await writer
    ?.transaction(async (tx) => {
      await tx.execute({ text: 'INSERT INTO a VALUES (2)' })
      throw new Error('undone')
    })
    .catch(() => undefined)
  await reader?.query({ text: 'SELECT 1' })
  expect(heard).toEqual([['a']])
  await app.close()
})

test('all windows use one connection: opened for the first, closed after the last', async () => {
  const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
  let opened = 0
  let closed = 0
  const app = desktopApp({
    ...file,
    open: async () => {
      opened += 1
      const connection = await file.open()
      return { ...connection, close: () => ((closed += 1), connection.close()) }
    },
  })
  const connections: DriverConnection[] = []
  for (let window = 0; window < 5; window += 1) connections.push(await app.openWindow().driver.open())
  for (const connection of connections) await connection.close()
  expect([opened, closed]).toEqual([1, 1])
  await connections[0]?.close()
  await (await app.openWindow().driver.open()).close()
  expect([opened, closed]).toEqual([2, 2])
})

test('the file is in WAL mode with every commit synced from the first write on, and as it was before', async () => {
  const filename = temporaryPath('app.sqlite')
  const before = await nodeDriver({ filename }).open()
  await run(before, 'CREATE TABLE a (n)')
  await before.close()
  const app = desktopApp(inThread(filename))
  const connection = await app.openWindow().driver.open()
  const bytes = readFileSync(filename)
  expect(await valueOf(connection, 'PRAGMA journal_mode')).toBe('delete')
  expect(readFileSync(filename).equals(bytes)).toBe(true)
  await run(connection, 'INSERT INTO a VALUES (1)')
  expect(await valueOf(connection, 'PRAGMA journal_mode')).toBe('wal')
  // FULL or EXTRA: with either, each commit to a WAL is synced (sqlite.org/pragma.html#pragma_synchronous).
  expect(Number(await valueOf(connection, 'PRAGMA synchronous'))).toBeGreaterThanOrEqual(2)
  await app.close()
})

test('quitting writes the WAL back, closes the file and then quits', async () => {
  const filename = temporaryPath('app.sqlite')
  let quits = 0
  let willQuit: (event: { preventDefault(): void }) => void = () => undefined
  const quit = new Promise<void>((resolve) => {
    const app = desktopApp(inThread(filename), {
      app: { on: (_, listener) => (willQuit = listener), quit: () => ((quits += 1), resolve()) },
    })
    void (async () => {
      const connection = await app.openWindow().driver.open()
      await run(connection, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
      await run(connection, 'INSERT INTO a VALUES (2)')
      expect(existsSync(`${filename}-wal`)).toBe(true)
      const session = await connection.reserve()
      await run(session, 'BEGIN', 'INSERT INTO a VALUES (3)')
      let prevented = false
      willQuit({ preventDefault: () => (prevented = true) })
      expect(prevented).toBe(true)
    })()
  })
  await quit
  expect([quits, existsSync(`${filename}-wal`)]).toEqual([1, false])
  let prevented = false
  willQuit({ preventDefault: () => (prevented = true) })
  expect(prevented).toBe(false)
  const after = await nodeDriver({ filename }).open()
  expect(await valueOf(after, 'SELECT count(*) FROM a')).toBe(2)
  await after.close()
})

test('a second instance of the app works on the same file, and waits for the first one’s launch', async () => {
  const filename = temporaryPath('app.sqlite')
  const [first, second] = [desktopApp(inThread(filename)), desktopApp(inThread(filename))]
  const one = first.openWindow().driver
  const two = second.openWindow().driver
  const [here, there] = [await one.open(), await two.open()]
  const release = await one.acquireLaunchLock({ timeoutMs: 1000 })
  await expect(two.acquireLaunchLock({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'locked' })
  await run(here, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  await release()
  await (
    await two.acquireLaunchLock({ timeoutMs: 10_000 })
  )()
  await run(there, 'INSERT INTO a VALUES (2)')
  expect(await valueOf(here, 'SELECT count(*) FROM a')).toBe(2)
  await Promise.all([first.close(), second.close()])
})

test('a restore in one window is news in the other, and can be taken back', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite')))
  const [here, there] = await Promise.all([app.openWindow().driver.open(), app.openWindow().driver.open()])
  await run(here as DriverConnection, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  const copies = here?.copies
  const copy = await copies?.write({})
  await run(here as DriverConnection, 'DELETE FROM a')
  const heard: string[] = []
  there?.onChange?.(({ tables }) => heard.push(...tables))
  const restored = await copies?.restore(copy?.location ?? '')
  expect(await valueOf(there as DriverConnection, 'SELECT count(*) FROM a')).toBe(1)
  expect(heard.toSorted()).toEqual(['a', 'sqlite_schema'])
  await copies?.restore(restored?.undo ?? '')
  expect(await valueOf(there as DriverConnection, 'SELECT count(*) FROM a')).toBe(0)
  await app.close()
})

const endless = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c'

test('a window that is closed or reloaded in a statement without end does not keep the others waiting', async () => {
  const leaves = [(window: StandInWindow) => window.destroy(), (window: StandInWindow) => window.navigate(pageAddress)]
  const leaveInStatement = async (leave: (window: StandInWindow) => void) => {
    const app = desktopApp(inThread(temporaryPath('app.sqlite')))
    const first = app.openWindow()
    const [here, there] = [await first.driver.open(), await app.openWindow().driver.open()]
    await run(there, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
    const lost = valueOf(here, endless).catch((error: unknown) => error)
    const waiting = valueOf(there, 'SELECT n FROM a').catch((error: unknown) => error)
    // Until it runs: one that is not begun would be let go of at once.
    await new Promise((resolve) => setTimeout(resolve, 300))
    leave(first.window)
    expect(await waiting).toMatchObject({ code: 'outcome-unknown' })
    expect(await valueOf(there, 'SELECT n FROM a')).toBe(1)
    expect(await lost).toMatchObject({ code: 'outcome-unknown' })
    await app.close()
  }
  await Promise.all(leaves.map(leaveInStatement))
})

test('a statement that runs too long is ended, and what was committed is there', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite'), { longestStatementMs: 700 }))
  const connection = await app.openWindow().driver.open()
  await run(connection, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
  const session = await connection.reserve()
  await run(session, 'BEGIN', 'INSERT INTO a VALUES (2)')
  await expect(valueOf(session, endless)).rejects.toMatchObject({ code: 'outcome-unknown' })
  await session.release()
  expect(await valueOf(connection, 'SELECT count(*) FROM a')).toBe(1)
  await app.close()
})

test('a session that only waits, however long, ends nobody', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite'), { longestStatementMs: 700 }))
  const [here, there] = [await app.openWindow().driver.open(), await app.openWindow().driver.open()]
  const session = await here.reserve()
  const waiting = valueOf(there, 'SELECT 1')
  await new Promise((resolve) => setTimeout(resolve, 1800))
  await session.release()
  expect(await waiting).toBe(1)
  await app.close()
})

test('a window has so many calls under way and no more, and others have theirs', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }), { limits: { pending: 5 } })
  const [here, there] = [await app.openWindow().driver.open(), await app.openWindow().driver.open()]
  const session = await here.reserve()
  const answers = Array.from({ length: 8 }, () => valueOf(here, 'SELECT 1').catch((error: unknown) => error))
  const other = valueOf(there, 'SELECT 2')
  const refused = await Promise.all(answers.slice(5))
  for (const error of refused) expect(error).toMatchObject({ code: 'unsupported' })
  expect(await valueOf(session, 'SELECT 4')).toBe(4)
  await session.release()
  expect(await Promise.all(answers.slice(0, 5))).toEqual([1, 1, 1, 1, 1])
  expect([await other, await valueOf(here, 'SELECT 3')]).toEqual([2, 3])
  await app.close()
})

test('a window has so many connections and no more', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }))
  const { driver } = app.openWindow()
  for (let count = 0; count < 100; count += 1) await driver.open()
  await expect(driver.open()).rejects.toMatchObject({ code: 'unsupported' })
  await app.close()
})

test('any number of windows may wait for the launch lock of a database in a thread', async () => {
  const app = desktopApp(inThread(temporaryPath('app.sqlite')))
  const inTurn = Array.from({ length: 12 }, async () => {
    const release = await app.openWindow().driver.acquireLaunchLock({ timeoutMs: 20_000 })
    await release()
    return true
  })
  expect(await Promise.all(inTurn)).toHaveLength(12)
  await app.close()
})

test('a window waits for so many launch locks and no more', async () => {
  const app = desktopApp(nodeDriver({ filename: temporaryPath('app.sqlite') }))
  const { driver } = app.openWindow()
  const release = await driver.acquireLaunchLock({ timeoutMs: 1000 })
  const waiting = Array.from({ length: 9 }, () => driver.acquireLaunchLock({ timeoutMs: 1 }).catch(() => undefined))
  await expect(driver.acquireLaunchLock({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'unsupported' })
  await Promise.all(waiting)
  await release()
  await (
    await driver.acquireLaunchLock({ timeoutMs: 1000 })
  )()
  await app.close()
})
