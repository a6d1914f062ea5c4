import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { amount, startBrowser } from './support/browser.ts'
import { servePage, type ServedPage } from './support/serve-page.ts'
import { TabWriters } from './support/tab-writers.ts'

let served: ServedPage
let browser: Browser

beforeAll(async () => {
  served = await servePage()
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await served?.close()
})

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What can happen to the tab that owns the database. Each leaves it at the end of the line, or another in its place. */
const mishaps: Readonly<Record<string, (writers: TabWriters, owner: Page) => Promise<void>>> = {
  closed: async (writers, owner) => {
    await owner.close()
    await writers.addTab()
  },
  reloaded: async (writers, owner) => {
    await owner.reload()
    await owner.waitForFunction(() => 'selfsame' in globalThis)
    writers.tabs.push(owner)
    await writers.write(owner)
  },
  crashed: async (writers, owner) => {
    const session = await owner.context().newCDPSession(owner)
    const crashed = owner.waitForEvent('crash')
    session.send('Page.crash').catch(() => undefined)
    await crashed
    await owner.close()
    await writers.addTab()
  },
  frozen: async (writers, owner) => {
    const session = await owner.context().newCDPSession(owner)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await pause(400)
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await session.detach()
    writers.tabs.push(owner)
  },
}

test.each(['opfs', 'indexeddb'] as const)(
  'four tabs write while owners are closed, reloaded, crashed and frozen: nothing is lost, nothing runs twice (%s)',
  async (storage) => {
    const goal = amount(1500, storage === 'opfs' ? 20_000 : 5000)
    const context = await browser.newContext()
    const writers = await TabWriters.start(context, served.address, { tabs: 4, goal, storage })
    const kinds = Object.keys(mishaps)
    const happened: string[] = []
    while (!writers.isDone && writers.failures.length === 0) {
      const before = writers.acknowledged.size
      const kind = kinds[happened.length % kinds.length]!
      const owner = writers.tabs.shift()!
      writers.mishap = kind
      await mishaps[kind]!(writers, owner)
      happened.push(kind)
      // Lets the next owner do some work, so that there is something to lose.
      while (writers.acknowledged.size < before + goal / 30 && !writers.isDone && writers.failures.length === 0) {
        await pause(20)
      }
    }
    expect(writers.failures).toEqual([])
    const seen = await Promise.all(writers.tabs.map((tab) => writers.look(tab)))
    const { ids, counter } = seen[0]!
    const there = new Set(ids)
    process.stdout.write(
      `${storage}: ${ids.length} writes, ${happened.length} owners lost, ${writers.unknownOutcomes} with unknown outcome, ` +
        `longest wait in ms after owners were ${JSON.stringify(writers.longestWait)}\n`,
    )
    expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([])
    expect(there.size).toBe(ids.length)
    expect(counter).toBe(ids.length)
    expect(seen.map(({ ids: each, counter: count, integrity }) => [each.length, count, integrity])).toEqual(
      seen.map(() => [ids.length, counter, 'ok']),
    )
    expect(happened.length).toBeGreaterThanOrEqual(kinds.length)
    await context.close()
  },
  1_800_000,
)
