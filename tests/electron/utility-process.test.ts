import { expect, test } from 'vitest'
import { threadDriver } from 'selfsame/electron/main'
import type { StatementRunner } from '../../src/db/driver.ts'
import type { StoppableDriver } from '../../src/db/drivers/electron/host/stoppable-driver.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, inProcess } from './stand-in/desktop-app.ts'
import { forkUtility } from './stand-in/utility-process.ts'

const script = new URL('./stand-in/database-process.ts', import.meta.url).pathname
const run = (runner: StatementRunner, text: string) => runner.run([{ text, params: [] }])
const rows = async (runner: StatementRunner, text: string) => (await run(runner, text))[0]?.rows
const endless = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c'

/** A database in a process whose starts are counted. */
function countedProcess(longestStatementMs: number) {
  const filename = temporaryPath('app.sqlite')
  const started: ReturnType<typeof forkUtility>[] = []
  const driver = threadDriver(
    () => {
      const child = forkUtility(script, [filename])
      started.push(child)
      return child
    },
    { longestStatementMs },
  )
  return { driver, started }
}

/** Two windows, the first of which is in a transaction that has written. */
async function writingInOneOfTwo(driver: ReturnType<typeof threadDriver>) {
  const app = desktopApp(driver)
  const [here, there] = [await app.openWindow().driver.open(), await app.openWindow().driver.open()]
  await run(here, 'CREATE TABLE a (n)')
  const session = await here.reserve()
  await run(session, 'BEGIN IMMEDIATE')
  await run(session, 'INSERT INTO a VALUES (1)')
  return { app, here, there, session }
}

test('a statement without end is ended with its process: its transaction is rolled back, its locks are let go', async () => {
  const { driver, started } = countedProcess(60_000)
  const { app, here, there, session } = await writingInOneOfTwo(driver)
  // What the watch does when the time is up; on a busy machine the statements before would be late too.
  const watch = setInterval(() => void (driver as StoppableDriver).stopIfStuck(100), 50)
  const lost = await run(session, endless).catch((error: unknown) => error)
  clearInterval(watch)
  expect(lost).toMatchObject({ code: 'outcome-unknown' })
  await session.release()
  await run(there, 'INSERT INTO a VALUES (2)')
  expect(await rows(here, 'SELECT n FROM a')).toEqual([[2]])
  expect(started.map(({ signalCode }) => signalCode)).toEqual(['SIGTERM', null])
  await app.close()
})

test('a process that dies takes nothing with it but what it was doing', async () => {
  const { driver, started } = countedProcess(60_000)
  const app = desktopApp(driver)
  const connection = await app.openWindow().driver.open()
  await run(connection, 'CREATE TABLE a (n)')
  await run(connection, 'INSERT INTO a VALUES (1)')
  const lost = run(connection, endless).catch((error: unknown) => error)
  process.kill(started[0]?.pid ?? 0, 'SIGABRT')
  expect(await lost).toMatchObject({ code: 'outcome-unknown' })
  expect(await rows(connection, 'SELECT n FROM a')).toEqual([[1]])
  await app.close()
})

test('nobody waits for a session whose process has died, though its window does not let go', async () => {
  const { driver, started } = countedProcess(60_000)
  const { app, there, session } = await writingInOneOfTwo(driver)
  const waiting = run(there, 'INSERT INTO a VALUES (2)')
  // One that waits has not been begun: it is answered by the next process.
  await new Promise((resolve) => setTimeout(resolve, 50))
  started[0]?.kill('SIGKILL')
  await waiting
  expect(await rows(there, 'SELECT n FROM a')).toEqual([[2]])
  await expect(run(session, 'COMMIT')).rejects.toMatchObject({ code: 'closed' })
  await session.release()
  await app.close()
})

test('a connection whose process has died while nothing ran is closed without a word', async () => {
  const { driver, started } = countedProcess(60_000)
  const app = desktopApp(driver)
  const connection = await app.openWindow().driver.open()
  started[0]?.kill('SIGKILL')
  await new Promise((resolve) => started[0]?.once('exit', resolve))
  await expect(connection.close()).resolves.toBeUndefined()
  await app.close()
})

test('a launch lock that went with its process is let go without a word', async () => {
  const { driver, started } = countedProcess(60_000)
  const app = desktopApp(driver)
  const window = app.openWindow().driver
  const release = await window.acquireLaunchLock({ timeoutMs: 1000 })
  started[0]?.kill('SIGKILL')
  await new Promise((resolve) => started[0]?.once('exit', resolve))
  await expect(release()).resolves.toBeUndefined()
  await (
    await window.acquireLaunchLock({ timeoutMs: 10_000 })
  )()
  await app.close()
})

test('the last connection that is closed ends it', async () => {
  const { driver, started } = countedProcess(60_000)
  const app = desktopApp(driver)
  await (await app.openWindow().driver.open()).close()
  if (started[0]?.exitCode === null) await new Promise((resolve) => started[0]?.once('exit', resolve))
  expect(started).toHaveLength(1)
  await app.close()
})

test('one that cannot start is told as a storage that cannot be opened', async () => {
  const told: unknown[] = []
  const app = desktopApp(
    threadDriver(() => forkUtility(`${script}.missing`)),
    { onError: (error) => told.push(error) },
  )
  await expect(app.openWindow().driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(told).toMatchObject([{ cause: { message: 'It ended with 1.' } }])
  await app.close()
})

test('values of every kind cross as they do to a thread', async () => {
  const app = desktopApp(inProcess(temporaryPath('app.sqlite')))
  const connection = await app.openWindow().driver.open()
  const params = [null, 'ä\u{1f600}', 1.5, 2 ** 53 - 1, 2n ** 62n, new Uint8Array([0, 255])]
  const [result] = await connection.run([{ text: 'SELECT ?, ?, ?, ?, ?, ?', params }])
  expect(result?.rows).toEqual([params])
  await app.close()
})
