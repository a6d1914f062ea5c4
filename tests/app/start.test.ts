import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadLegacy, newVisitor, startChromium, textOf } from './browser.ts'
import { startFromSources, type ServedApp } from './serve-app.ts'

let app: ServedApp
let browser: Browser

beforeAll(async () => {
  app = await startFromSources()
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.close()
})

it('runs from its sources, as npm start serves it, without a word on the console', async () => {
  const visitor = await newVisitor(browser)
  const page = await visitor.openTab(app.address)
  await page.getByTestId('load-legacy').waitFor()
  await loadLegacy(page)
  expect(await textOf(page, 'launch-outcome')).toBe('migrated')
  expect(visitor.complaints).toEqual([])
  await visitor.context.close()
})
