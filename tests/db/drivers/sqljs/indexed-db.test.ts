import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { sourceAliases } from '../../../../scripts/entry-points.ts'
import { startChromium } from '../../../app/browser.ts'
import type { TestPage } from './page/page.ts'

declare const testPage: TestPage

let server: ViteDevServer
let address: string
let browser: Browser
let context: BrowserContext

beforeAll(async () => {
  server = await createServer({
    configFile: false,
    root: join(import.meta.dirname, 'page'),
    cacheDir: join(import.meta.dirname, '../../../../node_modules/.vite/sqljs-page'),
    logLevel: 'error',
    resolve: { alias: sourceAliases() },
    optimizeDeps: { include: ['sql.js'] },
    server: { host: '127.0.0.1', port: 0, fs: { strict: false }, hmr: false },
  })
  await server.listen()
  address = server.resolvedUrls!.local[0]!
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

beforeEach(async () => {
  context = await browser.newContext()
  context.setDefaultTimeout(60_000)
  onTestFinished(() => context.close())
})

async function openTab(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  await page.waitForFunction(() => 'testPage' in globalThis)
  return page
}

test('the whole conformance suite passes in a real browser', async () => {
  const page = await openTab()
  const report = await page.evaluate(() => testPage.runConformance())
  expect(report.failed).toEqual([])
  expect(report.passed).toBeGreaterThan(150)
})

test('what was answered is there after a reload, without a close', async () => {
  const page = await openTab()
  await page.evaluate(async () => {
    await testPage.open('app')
    await testPage.run('CREATE TABLE a (n)')
    await testPage.run('INSERT INTO a VALUES (?)', 'kept')
  })
  await page.reload()
  await page.waitForFunction(() => 'testPage' in globalThis)
  const rows = await page.evaluate(async () => {
    await testPage.open('app')
    return testPage.run('SELECT n FROM a')
  })
  expect(rows).toEqual(['kept'])
})

test('a second tab gets storage-in-use with who and since when, and the first tab’s database once that is gone', async () => {
  const [first, second] = [await openTab(), await openTab()]
  await first.evaluate(async () => {
    await testPage.open('app')
    await testPage.run('CREATE TABLE a (n)')
  })
  const refusal = await second.evaluate(() => testPage.failureOf(testPage.open('app')))
  expect(refusal).toEqual({
    code: 'storage-in-use',
    details: { holder: expect.stringMatching(/^tab [0-9a-f]{8}$/), since: expect.stringMatching(/^\d{4}-.*Z$/) },
  })
  expect(await second.evaluate(() => testPage.failureOf(testPage.open('another app')))).toBeNull()
  await first.close()
  await expect.poll(() => second.evaluate(() => testPage.failureOf(testPage.open('app')))).toBeNull()
  expect(await second.evaluate(() => testPage.run('SELECT count(*) FROM a'))).toEqual([0])
})

test('closing lets the next tab in', async () => {
  const [first, second] = [await openTab(), await openTab()]
  await first.evaluate(async () => {
    await testPage.open('app')
    await testPage.close()
  })
  expect(await second.evaluate(() => testPage.failureOf(testPage.open('app')))).toBeNull()
})

test('a tab that crashes between two writes loses none that was answered', async () => {
  let page = await openTab()
  await page.evaluate(async () => {
    await testPage.open('app')
    await testPage.run('CREATE TABLE a (n)')
  })
  for (let round = 0; round < 3; round += 1) {
    const told: number[] = []
    await page.exposeFunction('tellTest', (number: number) => void told.push(number))
    await page.evaluate(async () => {
      await testPage.run('DELETE FROM a')
      const { tellTest } = globalThis as unknown as { tellTest: (number: number) => void }
      void testPage.insertForEver(tellTest)
    })
    await expect.poll(() => told.length).toBeGreaterThan(5 + round)
    const crashed = page.waitForEvent('crash')
    await page.goto('chrome://crash').catch(() => undefined)
    await crashed
    await page.close()
    page = await openTab()
    const rows = await page.evaluate(async () => {
      await testPage.open('app')
      return {
        numbers: await testPage.run('SELECT n FROM a ORDER BY n'),
        check: await testPage.run('PRAGMA integrity_check'),
      }
    })
    expect(rows.check).toEqual(['ok'])
    expect(rows.numbers).toEqual(Array.from(rows.numbers, (_, index) => index + 1))
    expect(rows.numbers.length).toBeGreaterThanOrEqual(told.at(-1)!)
  }
})

test('a full quota is no-space, nothing of the write is left, and the next one that fits is kept', async () => {
  const page = await openTab()
  const session = await context.newCDPSession(page)
  const { origin } = new URL(address)
  // Before the first write: Chromium remembers for a while how much room there was.
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 2_000_000 })
  await page.evaluate(async () => {
    await testPage.open('app')
    await testPage.run('CREATE TABLE a (n)')
    await testPage.run('INSERT INTO a VALUES (?)', 'before')
  })
  const refusal = await page.evaluate(() =>
    // Random, because Chromium compresses what it stores.
    testPage.failureOf(testPage.run('INSERT INTO a VALUES (hex(randomblob(2000000)))')),
  )
  expect(refusal).toMatchObject({ code: 'no-space' })
  expect(await page.evaluate(() => testPage.run('SELECT n FROM a'))).toEqual(['before'])
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  await page.evaluate(() => testPage.run('INSERT INTO a VALUES (?)', 'after'))
  expect(await page.evaluate(() => testPage.run('SELECT n FROM a'))).toEqual(['before', 'after'])
})

test('where Web Locks are missing it is unsupported: nothing would keep a second tab out', async () => {
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
  const page = await openTab()
  expect(await page.evaluate(() => testPage.failureOf(testPage.open('app')))).toMatchObject({ code: 'unsupported' })
})

test('where IndexedDB is refused it is storage-unavailable, and the lock is let go', async () => {
  const page = await openTab()
  const refusal = await page.evaluate(async () => {
    const real = IDBFactory.prototype.open
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'SecurityError')
    }
    const failure = await testPage.failureOf(testPage.open('app'))
    IDBFactory.prototype.open = real
    return [failure, await testPage.failureOf(testPage.open('app'))]
  })
  expect(refusal).toEqual([expect.objectContaining({ code: 'storage-unavailable' }), null])
})
