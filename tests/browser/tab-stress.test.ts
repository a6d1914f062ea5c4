import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { amount, startFreezableBrowser } from './support/browser.ts'
import { watchMachine } from './support/machine-stalls.ts'
import { usePage } from './support/shared.ts'
import { TabWriters } from './support/tab-writers.ts'

const served = usePage()
let browser: Awaited<ReturnType<typeof startFreezableBrowser>>

beforeEach(async () => {
  browser = await startFreezableBrowser()
})

afterEach(() => browser.close())

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What can happen to the tab that has the database open. */
const mishaps: Readonly<Record<string, (writers: TabWriters, owner: Page) => Promise<void>>> = {
  closed: async (writers, owner) => {
    writers.tabs.delete(owner)
    await owner.close()
    await writers.addTab()
  },
  reloaded: async (writers, owner) => {
    writers.tabs.delete(owner)
    await owner.reload()
    await owner.waitForFunction(() => 'selfsame' in globalThis)
    await writers.write(owner)
  },
  crashed: async (writers, owner) => {
    writers.tabs.delete(owner)
    const session = await owner.context().newCDPSession(owner)
    const crashed = owner.waitForEvent('crash')
    session.send('Page.crash').catch(() => undefined)
    await crashed
    await owner.close()
    await writers.addTab()
  },
  frozen: async (writers, owner) => {
    const session = await owner.context().newCDPSession(owner)
    const before = writers.acknowledged.size
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    // The others go on without it.
    while (writers.acknowledged.size < before + 20 && !writers.isDone && writers.failures.length === 0) await pause(20)
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await session.detach()
  },
}

test.each(['opfs', 'indexeddb'] as const)(
  'four tabs write while owners are closed, reloaded, crashed and frozen: nothing is lost, nothing runs twice (%s)',
  async (storage) => {
    const goal = storage === 'opfs' ? amount(300, 20_000) : amount(150, 20_000)
    const machine = watchMachine()
    const kinds = Object.keys(mishaps)
    const options = { tabs: 4, goal, mishaps: kinds.length, storage }
    const writers = await TabWriters.start(browser.context, served.address, options)
    const happened: string[] = []
    while (!writers.isDone && writers.failures.length === 0) {
      const before = writers.acknowledged.size
      const kind = kinds[happened.length % kinds.length]!
      const owner = await writers.owner()
      writers.mishap = kind
      await mishaps[kind]!(writers, owner)
      happened.push(kind)
      writers.mishapsLeft = Math.max(0, writers.mishapsLeft - 1)
      // Lets the next owner do some work, so that there is something to lose.
      while (writers.acknowledged.size < before + goal / 30 && !writers.isDone && writers.failures.length === 0) {
        await pause(20)
      }
    }
    expect(writers.failures).toEqual([])
    const seen = await writers.look()
    const stalls = await machine.stop()
    const { ids, counter } = seen[0]!
    const there = new Set(ids)
    process.stdout.write(
      `${storage}: ${ids.length} writes, ${happened.length} owners lost, ${writers.unknownOutcomes} with unknown outcome, ` +
        `longest wait in ms after owners were ${JSON.stringify(writers.longestWait)}; ` +
        `meanwhile the machine kept a bare timer waiting for ${stalls.timer} and a bare fsync for ${stalls.fsync} ms\n`,
    )
    expect([...writers.acknowledged].filter((id) => !there.has(id))).toEqual([])
    expect(there.size).toBe(ids.length)
    expect(counter).toBe(ids.length)
    expect(seen.map(({ ids: each, counter: count, integrity }) => [each.length, count, integrity])).toEqual(
      seen.map(() => [ids.length, counter, 'ok']),
    )
    expect(happened.length).toBeGreaterThanOrEqual(kinds.length)
  },
  1_800_000,
)
