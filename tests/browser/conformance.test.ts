import { beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { StorageKind } from 'selfsame/web'
import { amount } from './support/browser.ts'
import { storageTests, wholeSuite } from './support/conformance-choice.ts'
import { useProfileTab } from './support/shared.ts'

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

const tab = useProfileTab()

describe.each(suites)('the web driver, kept in %s', (storage, pattern) => {
  let outcomes: Record<string, string>
  beforeAll(async () => {
    outcomes = await tab.page.evaluate(([kind, chosen]) => selfsame.runConformance(kind, chosen), [
      storage,
      pattern,
    ] as const)
  })

  test.each(driverConformance.filter(({ name }) => new RegExp(pattern).test(name)))('$name', ({ name }) => {
    expect(outcomes[name]).toBe('passed')
  })
})
