import { afterEach, expect, test, vi } from 'vitest'
import { threadDriver } from 'selfsame/electron/main'
import { nodeDriver } from 'selfsame/node'
import type { Driver, DriverConnection } from '../../src/db/driver.ts'
import { HostedDatabase } from '../../src/db/drivers/electron/host/hosted-database.ts'
import type { StoppableDriver } from '../../src/db/drivers/electron/host/stoppable-driver.ts'
import { DataLayerError } from '../../src/errors/index.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'

afterEach(() => vi.useRealTimers())

const run = (database: HostedDatabase, text: string) =>
  database.call('page', { name: 'run', values: ['c', [{ text, params: [] }], {}] })

/** A served database of which the test changes what its connections do; `open` counts those that are open. */
function served(change: (connection: DriverConnection) => Partial<DriverConnection>) {
  const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
  const open = { now: 0, ever: 0 }
  const driver: Driver = {
    ...file,
    open: async () => {
      const connection = await file.open()
      open.now += 1
      open.ever += 1
      const close = () => {
        open.now -= 1
        return connection.close()
      }
      return { ...connection, ...change(connection), close }
    },
  }
  return { open, database: new HostedDatabase({ driver, tell: () => undefined }) }
}

test('a write whose answer is too large leaves the connection as it is, and nothing open behind', async () => {
  const { open, database } = served((connection) => ({
    run: async (statements, options) => {
      const results = await connection.run(statements, options)
      if (statements[0]?.text.startsWith('INSERT')) throw new DataLayerError('outcome-unknown')
      return results
    },
  }))
  await database.call('page', { name: 'open', values: ['c', {}] })
  await run(database, 'CREATE TABLE a (n)')
  await expect(run(database, 'INSERT INTO a VALUES (1)')).rejects.toMatchObject({ code: 'outcome-unknown' })
  expect(await run(database, 'SELECT n FROM a')).toMatchObject([{ rows: [[1]] }])
  expect(open).toEqual({ now: 1, ever: 1 })
  await database.close()
  expect(open.now).toBe(0)
})

test.each(['PRAGMA foreign_keys = OFF', 'SELECT 1'])(
  'a write that died with its engine is told as that, after %s too',
  async (before) => {
    let dead = false
    const { database } = served((connection) => ({
      run: async (statements, options) => {
        if (statements[0]?.text.startsWith('INSERT')) throw new DataLayerError('outcome-unknown')
        return connection.run(statements, options)
      },
      reserve: async () => {
        const session = await connection.reserve()
        return {
          ...session,
          run: async (statements, options) => {
            if (dead) throw new DataLayerError('closed')
            dead = statements[0]?.text.startsWith('INSERT') ?? false
            if (dead) throw new DataLayerError('outcome-unknown')
            return session.run(statements, options)
          },
        }
      },
    }))
    await database.call('page', { name: 'open', values: ['c', {}] })
    await run(database, 'CREATE TABLE a (n)')
    await run(database, before)
    await expect(run(database, 'INSERT INTO a VALUES (1)')).rejects.toMatchObject({ code: 'outcome-unknown' })
    await database.close()
  },
)

test('an app that quits does not wait for a process that was started anew and does not answer, nor for one that is not started', async () => {
  for (const start of [
    () => Promise.resolve({ on: () => undefined, postMessage: () => undefined, terminate: () => Promise.resolve() }),
    () => new Promise<never>(() => undefined),
  ]) {
    const silent = threadDriver(start) as StoppableDriver
    let opened = 0
    const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
    const driver = {
      ...silent,
      // The first one dies before the second statement.
      open: async () => {
        opened += 1
        if (opened > 1) return silent.open()
        const connection = await file.open()
        let calls = 0
        return {
          ...connection,
          run: (...values: Parameters<typeof connection.run>) =>
            (calls += 1) > 1 ? Promise.reject(new DataLayerError('closed')) : connection.run(...values),
        }
      },
    }
    const database = new HostedDatabase({ driver, tell: () => undefined })
    await database.call('page', { name: 'open', values: ['c', {}] })
    await run(database, 'CREATE TABLE a (n)')
    vi.useFakeTimers()
    const pending = run(database, 'INSERT INTO a VALUES (1)').catch((error: unknown) => error)
    let closed = false
    const closing = database.close().then(() => (closed = true))
    await vi.advanceTimersByTimeAsync(29_000)
    expect(closed).toBe(false)
    await vi.advanceTimersByTimeAsync(2000)
    await closing
    expect(await pending).toMatchObject({ code: 'closed' })
    vi.useRealTimers()
  }
})

test('an app that quits does not wait for ever for a database that does not open, and ends its process', async () => {
  vi.useFakeTimers()
  const stop = vi.fn<() => void>()
  const driver = {
    ...nodeDriver({ filename: temporaryPath('app.sqlite') }),
    open: () => new Promise<never>(() => undefined),
    onEnd: () => undefined,
    stopIfStuck: () => Promise.resolve(),
    stop,
  }
  const database = new HostedDatabase({ driver, tell: () => undefined })
  void database.call('page', { name: 'open', values: ['c', {}] })
  let closed = false
  const closing = database.close().then(() => (closed = true))
  await vi.advanceTimersByTimeAsync(29_000)
  expect([closed, stop.mock.calls.length]).toEqual([false, 0])
  await vi.advanceTimersByTimeAsync(2000)
  await closing
  expect(stop).toHaveBeenCalledOnce()
})
