import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { StorageKind } from 'selfsame/web'
import { amount, openTab } from './support/browser.ts'
import { useBrowser } from './support/shared.ts'

/** What depends on where pages are kept. Above that the engine is the same in all three, and was tested in the first. */
const ofStorage = /^(transactions|sessions|opening|closing|export|copies|launch lock)\b/
const all = /^/
const suites = amount<readonly (readonly [StorageKind, RegExp])[]>(
  [
    ['opfs', all],
    ['indexeddb', ofStorage],
  ],
  [
    ['opfs', all],
    ['indexeddb', all],
    ['memory', all],
  ],
)

const shared = useBrowser()
let page: Page

beforeAll(async () => {
  page = await openTab(await shared.browser.newContext(), shared.address)
})

/** Runs the suite in the page, a few tests at a time: each starts a worker and SQLite's wasm of its own. */
async function runSuite(kind: StorageKind, chosen: readonly number[]): Promise<string[]> {
  return page.evaluate(
    async ({ storage, indexes }) => {
      const outcomes: string[] = []
      const left = [...selfsame.driverConformance.entries()].filter(([index]) => indexes.includes(index))
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
    },
    { storage: kind, indexes: chosen },
  )
}

describe.each(suites)('the web driver, kept in %s', (kind, names) => {
  const chosen = driverConformance.map(({ name }, index) => ({ name, index })).filter(({ name }) => names.test(name))
  let outcomes: string[]
  beforeAll(async () => {
    const indexes = chosen.map(({ index }) => index)
    outcomes = await runSuite(kind, indexes)
  })

  test.each(chosen)('$name', ({ index }) => {
    expect(outcomes[index]).toBe('passed')
  })
})
