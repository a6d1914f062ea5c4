import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { StorageKind } from 'selfsame/web'
import { findFirefox, findWebKit } from '../../scripts/other-browsers.ts'
import type { HandOvers } from './page/hand-over.ts'
import { amount } from './support/browser.ts'
import { storageTests, wholeSuite } from './support/conformance-choice.ts'
import { openInFirefox } from './support/firefox.ts'
import type { PlainPage } from './support/plain-page.ts'
import { usePage } from './support/shared.ts'
import { openInWebKit } from './support/webkit.ts'

const firefox = findFirefox()
const webKit = findWebKit()

interface Subject {
  readonly browser: string
  /** Undefined where it is not installed: then its tests are skipped, and it is printed that they are. */
  readonly open: ((address: string) => Promise<PlainPage>) | undefined
  readonly storage: StorageKind
}

const subjects: readonly Subject[] = [
  { browser: 'Firefox', open: firefox ? (address) => openInFirefox(firefox, address) : undefined, storage: 'opfs' },
  // WebKitGTK has no OPFS: navigator.storage is missing.
  { browser: 'WebKitGTK', open: webKit ? (address) => openInWebKit(webKit, address) : undefined, storage: 'indexeddb' },
]

const served = usePage()
const pattern = amount(storageTests, wholeSuite)
const timeout = 600_000

describe.each(subjects)('$browser', ({ browser, open, storage }) => {
  if (!open) process.stdout.write(`${browser} is not installed: its tests are skipped\n`)

  describe.skipIf(!open)('with its own storage', () => {
    let page: PlainPage | undefined
    let userAgent: string

    beforeAll(async () => {
      page = await open?.(served.address)
      userAgent = await inPage<string>('navigator.userAgent')
    })

    afterAll(() => page?.close())

    const inPage = async <T>(expression: string): Promise<T> => {
      if (!page) throw new Error('The browser did not start.')
      return page.evaluate<T>(expression)
    }

    test(`is ${storage}, found by trying`, async () => {
      const found = await inPage(`(async () => {
        const connection = await selfsame.webDriver({ name: 'tried', persist: false }).open()
        await connection.close()
        return connection.storage
      })()`)
      expect(found).toMatchObject({ kind: storage, durable: true })
    })

    test('passes the conformance suite', { timeout }, async () => {
      const outcomes = await inPage<Record<string, string>>(
        `selfsame.runConformance('${storage}', ${JSON.stringify(pattern)})`,
      )
      const chosen = driverConformance.filter(({ name }) => new RegExp(pattern).test(name)).map(({ name }) => name)
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'passed')).toEqual([])
      expect(Object.keys(outcomes).toSorted()).toEqual(chosen.toSorted())
      process.stdout.write(`${userAgent}: ${chosen.length} conformance tests in ${storage}\n`)
    })

    test.each(['ports', 'broadcasts'])(
      'hands over in good order while writes are under way, by %s: nothing is lost, doubled or unknown',
      { timeout },
      async (way) => {
        const rounds = amount(8, 60)
        // Without shared workers there are no ports.
        const { asked, ...found } = await inPage<HandOvers>(`(async () => {
          const { SharedWorker } = globalThis
          if ('${way}' === 'broadcasts') globalThis.SharedWorker = undefined
          const found = await selfsame.handOver('${storage}', ${rounds})
          await selfsame.removeWebDatabase('handed-over')
          return Object.assign(globalThis, { SharedWorker }) && found
        })()`)
        expect(found).toEqual({ rows: asked, lost: [], doubled: [], outcomes: [] })
        process.stdout.write(`${browser}, ${storage}: ${rounds} hand-overs by ${way}, ${asked} writes\n`)
      },
    )

    test('migrates random legacy databases, rolls them back and migrates them again', { timeout }, async () => {
      const databases = amount(2, 50)
      const { rows, findings } = await inPage<{ rows: number; findings: string[] }>(
        `selfsame.migrateRandomDatabases(
          () => selfsame.webDriver({ name: crypto.randomUUID(), storage: ['${storage}'], persist: false }),
          ${databases}, 20261124)`,
      )
      process.stdout.write(`${browser}, ${storage}: ${databases} random legacy databases, ${rows} rows\n`)
      expect(findings).toEqual([])
    })
  })
})
