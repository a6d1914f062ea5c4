import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { StorageKind } from 'selfsame/web'
import { amount, openTab } from './support/browser.ts'
import { storageTests, wholeSuite } from './support/conformance-choice.ts'
import { useBrowser } from './support/shared.ts'

const suites = amount<readonly (readonly [StorageKind, string])[]>(
  [
    ['opfs', wholeSuite],
    ['indexeddb', storageTests],
  ],
  [
    ['opfs', wholeSuite],
    ['indexeddb', wholeSuite],
    ['memory', wholeSuite],
  ],
)

const shared = useBrowser()
let page: Page

beforeAll(async () => {
  page = await openTab(await shared.browser.newContext(), shared.address)
})

describe.each(suites)('the web driver, kept in %s', (storage, pattern) => {
  let outcomes: Record<string, string>
  beforeAll(async () => {
    outcomes = await page.evaluate(([kind, chosen]) => selfsame.runConformance(kind, chosen), [
      storage,
      pattern,
    ] as const)
  })

  test.each(driverConformance.filter(({ name }) => new RegExp(pattern).test(name)))('$name', ({ name }) => {
    expect(outcomes[name]).toBe('passed')
  })
})
