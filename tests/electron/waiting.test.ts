import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test, vi } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import type { DriverConnection, RunOptions, StatementRunner } from '../../src/db/driver.ts'
import { migrationConnection } from '../../src/db/migration/migration-connection.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, inThread } from './stand-in/desktop-app.ts'

const run = (runner: StatementRunner, text: string, options?: RunOptions) => runner.run([{ text, params: [] }], options)
const count = async (runner: StatementRunner) => (await run(runner, 'SELECT count(*) FROM a'))[0]?.rows[0]?.[0]
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => Promise.reject(new Error('It was let in.')),
    (error: unknown) => error,
  )

afterEach(() => vi.useRealTimers())

/** Two windows; the first has a transaction open with a row in it, and says nothing more. */
async function silentSession(driver = nodeDriver({ filename: temporaryPath('app.sqlite') })) {
  const app = desktopApp(driver)
  const [holder, other] = [await app.openWindow().driver.open(), await app.openWindow().driver.open()]
  await run(holder, 'CREATE TABLE a (n)')
  const session = await holder.reserve()
  await run(session, 'BEGIN IMMEDIATE')
  await run(session, 'INSERT INTO a VALUES (1)')
  return { app, holder, other, session }
}

const held = (waitedMs: number, holder = 'another window') => ({
  code: 'locked',
  details: { holder, since: expect.stringMatching(/^\d{4}-.*Z$/), waitedMs },
})

test('a call that waits for another window’s session is given up after its time, without an effect; the session goes on', async () => {
  const { app, other, session } = await silentSession(inThread(temporaryPath('app.sqlite')))
  const insert = run(other, 'INSERT INTO a VALUES (2)', { lockTimeoutMs: 50 })
  expect(await rejection(insert)).toMatchObject(held(50))
  await run(session, 'INSERT INTO a VALUES (3)')
  await run(session, 'COMMIT')
  await session.release()
  expect((await run(other, 'SELECT n FROM a'))[0]?.rows).toEqual([[1], [3]])
  await app.close()
})

test.each([
  ['a batch', (other: DriverConnection) => run(other, 'SELECT 1', { transaction: true, lockTimeoutMs: 20 })],
  ['a session', (other: DriverConnection) => other.reserve({ lockTimeoutMs: 20 })],
  ['a migration’s session', (other: DriverConnection) => migrationConnection(other, 20).reserve()],
  [
    'a restore',
    async (other: DriverConnection) => {
      const copy = await other.copies?.write({})
      await other.copies?.restore(copy?.location ?? '', { lockTimeoutMs: 20 })
    },
  ],
])('%s waits so long too, and gives up its place', async (_, call) => {
  const { app, other, session } = await silentSession()
  expect(await rejection(call(other))).toMatchObject(held(20))
  await run(session, 'COMMIT')
  await session.release()
  const next = await other.reserve()
  expect(await count(next)).toBe(1)
  await next.release()
  expect(await count(other)).toBe(1)
  await app.close()
})

test('one that waits for itself is told so', async () => {
  const { app, holder } = await silentSession()
  expect(await rejection(run(holder, 'SELECT 1', { lockTimeoutMs: 20 }))).toMatchObject(held(20, 'the caller itself'))
  await app.close()
})

test('a minute unless said', async () => {
  const { app, other } = await silentSession()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let error: unknown
  const waiting = count(other).catch((thrown: unknown) => (error = thrown))
  await vi.advanceTimersByTimeAsync(59_999)
  expect(error).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  await waiting
  expect(error).toMatchObject(held(60_000))
  vi.useRealTimers()
  await app.close()
})

test('who waits shorter gives up, who waits longer has its turn', async () => {
  const { app, other, session } = await silentSession()
  const [short, long] = [run(other, 'SELECT 1', { lockTimeoutMs: 20 }), other.reserve({ lockTimeoutMs: 60_000 })]
  expect(await rejection(short)).toMatchObject({ code: 'locked' })
  await session.release()
  const next = await long
  expect(await count(next)).toBe(0)
  await next.release()
  await app.close()
})

test('opening waits for another process’s lock as long as it is told', async () => {
  const filename = temporaryPath('app.sqlite')
  const outside = new DatabaseSync(filename)
  outside.exec('CREATE TABLE a (n); BEGIN EXCLUSIVE')
  const app = desktopApp(inThread(filename))
  const { driver } = app.openWindow()
  const error = (await rejection(driver.open({ lockTimeoutMs: 0 }))) as { code: string; details: { waitedMs: number } }
  expect(error.code).toBe('locked')
  // Node's own 5 seconds, unless it is told.
  expect(error.details.waitedMs).toBeLessThan(5000)
  outside.close()
  expect(await count(await driver.open())).toBe(0)
  await app.close()
})
