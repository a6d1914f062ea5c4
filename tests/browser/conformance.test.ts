import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { StorageKind } from 'selfsame/web'
import { amount, openTab, startBrowser } from './support/browser.ts'
import { servePage, type ServedPage } from './support/serve-page.ts'

// In memory the engine is the same and nothing is kept: asked for when everything is.
const kinds = amount<readonly StorageKind[]>(['opfs', 'indexeddb'], ['opfs', 'indexeddb', 'memory'])

let served: ServedPage
let browser: Browser
let page: Page

beforeAll(async () => {
  served = await servePage()
  browser = await startBrowser()
  page = await openTab(await browser.newContext(), served.address)
})

afterAll(async () => {
  await browser?.close()
  await served?.close()
})

/** Runs the whole suite in the page, a few tests at a time: each starts a worker and SQLite's wasm of its own. */
async function runSuite(kind: StorageKind): Promise<string[]> {
  return page.evaluate(async (storage) => {
    const outcomes: string[] = []
    const left = [...selfsame.driverConformance.entries()]
    const runNext = async (): Promise<void> => {
      const next = left.shift()
      if (!next) return
      const [index, test] = next
      const driver = selfsame.webDriver({ name: crypto.randomUUID(), storage: [storage], persist: false })
      outcomes[index] = await test.run(driver).then(
        () => 'passed',
        (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
      )
      return runNext()
    }
    await Promise.all(Array.from({ length: 6 }, runNext))
    return outcomes
  }, kind)
}

describe.each(kinds)('the web driver, kept in %s', (kind) => {
  let outcomes: string[]
  beforeAll(async () => {
    outcomes = await runSuite(kind)
  })

  test.each(driverConformance.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
    expect(outcomes[index]).toBe('passed')
  })
})
