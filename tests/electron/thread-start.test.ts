import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { threadDriver } from 'selfsame/electron/main'
import { desktopApp } from './stand-in/desktop-app.ts'

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

test('one that ends at once is told too', async () => {
  const driver = threadDriver(script(''))
  await expect(driver.open()).rejects.toMatchObject({ code: 'storage-unavailable' })
})
