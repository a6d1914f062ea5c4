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

test('one that does not answer for longer than a statement may run is ended', async () => {
  vi.useFakeTimers()
  type Request = { readonly m: string; readonly i: string; readonly a: readonly [{ readonly name: string }] }
  let receive: (message: unknown) => void = () => undefined
  const worker = {
    on: (event: string, listener: (message: unknown) => void) => {
      if (event === 'message') receive = listener
    },
    // Opens, and is busy from then on.
    postMessage: async (request: unknown) => {
      const { m, i, a } = request as Request
      if (m === 'call' && a[0].name === 'open')
        receive({ t: 's', i, r: await answer(async () => ({ copies: false, storage: null })) })
    },
    terminate: vi.fn<() => Promise<unknown>>(() => Promise.resolve()),
  }
  const connection = await threadDriver(() => worker, { longestStatementMs: 60_000 }).open()
  const lost = connection.run([{ text: 'SELECT 1', params: [] }]).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(worker.terminate).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(3000)
  expect(await lost).toMatchObject({ code: 'outcome-unknown' })
  expect(worker.terminate).toHaveBeenCalledOnce()
})

test('one that ends at once is told too', async () => {
  const driver = threadDriver(script(''))
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
})
