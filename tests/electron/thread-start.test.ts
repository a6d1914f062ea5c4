import { Worker } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { threadDriver } from 'selfsame/electron/main'
import { answer } from '../../src/db/answer.ts'
import { desktopApp } from './stand-in/desktop-app.ts'

afterEach(() => vi.useRealTimers())

const script = (code: string) => () => new Worker(code, { eval: true, stderr: true })

test.each([
  ['is missing', () => new Worker(new URL('./no-such-thread.ts', import.meta.url)), /Cannot find module/],
  ['throws', script(`throw new Error('boom')`), /boom/],
  ['imports what is not there', script(`require('no-such-package')`), /no-such-package/],
])('a thread whose script %s is told as a storage that cannot be opened, and main why', async (_, start, reason) => {
  const told: unknown[] = []
  const app = desktopApp(threadDriver(start), { onError: (error) => told.push(error) })
  const { driver } = app.openWindow()
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(told).toMatchObject([{ code: 'storage-unavailable', cause: { message: expect.stringMatching(reason) } }])
  await app.close()
})

/** A process that opens the database, and is busy from then on; `exit` is when it has gone. */
function busyProcess() {
  type Request = { readonly m: string; readonly i: string; readonly a: readonly [{ readonly name: string }] }
  const listeners = new Map<string, (value: unknown) => void>()
  return {
    on: (event: string, listener: (value: unknown) => void) => void listeners.set(event, listener),
    postMessage: async (request: unknown) => {
      const { m, i, a } = request as Request
      if (m !== 'call' || a[0].name !== 'open') return
      const opened = await answer(async () => ({ copies: false, storage: null }))
      listeners.get('message')?.({ t: 's', i, r: opened })
    },
    kill: vi.fn<() => boolean>(() => true),
    exit: () => listeners.get('exit')?.(0),
  }
}

test('one that does not answer for longer than a statement may run is ended, and the next starts when it has gone', async () => {
  vi.useFakeTimers()
  const started: ReturnType<typeof busyProcess>[] = []
  const start = () => {
    started.push(busyProcess())
    return started.at(-1)!
  }
  const driver = threadDriver(start, { longestStatementMs: 60_000 })
  const connection = await driver.open()
  const lost = connection.run([{ text: 'SELECT 1', params: [] }]).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(started[0]?.kill).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(3000)
  expect(await lost).toMatchObject({ code: 'outcome-unknown' })
  expect(started[0]?.kill).toHaveBeenCalledOnce()
  const again = driver.open()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(started).toHaveLength(1)
  started[0]?.exit()
  await again
  expect(started).toHaveLength(2)
})

test('one that ends at once is told too', async () => {
  const driver = threadDriver(script(''))
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
})
