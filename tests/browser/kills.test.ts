import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { amount, openTab, startProfile } from './support/browser.ts'
import { usePage } from './support/shared.ts'

const served = usePage()
let profile: string

beforeEach(() => {
  profile = mkdtempSync(join(tmpdir(), 'selfsame-profile-'))
})

afterEach(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }))

type Storage = 'opfs' | 'indexeddb'
type Connection = Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>

/** The browser's first process: the one that was started with this profile, and is no other's child. */
function browserProcess(): number {
  const found = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((id) => {
      try {
        const commandLine = readFileSync(`/proc/${id}/cmdline`, 'utf8')
        return commandLine.includes(`--user-data-dir=${profile}`) && !commandLine.includes('--type=')
      } catch {
        return false
      }
    })
  if (found.length !== 1) throw new Error(`${found.length} browsers run with this profile.`)
  return found[0]!
}

/** Ends the browser as a power switch would end it for its processes: all of its process group at once. */
async function kill(context: BrowserContext): Promise<void> {
  const gone = new Promise((resolve) => context.on('close', resolve))
  const id = browserProcess()
  // Playwright starts the browser as the leader of a process group of its own.
  process.kill(-id, 'SIGKILL')
  await gone
}

async function openDatabase(page: Page, storage: Storage, relaxed = false): Promise<void> {
  await page.evaluate(
    async ({ storage: kind, relaxed: isRelaxed }) => {
      const options = { name: 'killed', storage: [kind], persist: false } as const
      const driver = isRelaxed
        ? selfsame.faultyDriver(options, { acknowledgeBeforeSaving: true })
        : selfsame.webDriver(options)
      const connection = await driver.open()
      selfsame.kept['connection'] = connection
      await connection.run([{ text: 'CREATE TABLE IF NOT EXISTS kept (n INTEGER PRIMARY KEY)', params: [] }])
    },
    { storage, relaxed },
  )
}

function commit(page: Page, n: number): Promise<void> {
  return page.evaluate(async (value) => {
    const connection = selfsame.kept['connection'] as Connection
    await connection.run([{ text: 'INSERT INTO kept VALUES (?)', params: [value] }])
  }, n)
}

async function content(page: Page): Promise<{ numbers: number[]; integrity: string }> {
  return page.evaluate(async () => {
    const connection = selfsame.kept['connection'] as Connection
    const [numbers, integrity] = await connection.run([
      { text: 'SELECT n FROM kept ORDER BY n', params: [] },
      { text: 'PRAGMA integrity_check', params: [] },
    ])
    return { numbers: (numbers?.rows ?? []).map(([n]) => Number(n)), integrity: String(integrity?.rows[0]?.[0]) }
  })
}

/** Kills the browser `times` times; answers how many acknowledged commits were not there afterwards. */
async function lostOver(
  times: number,
  storage: Storage,
  mode: 'resolved' | 'stream',
  relaxed = false,
): Promise<number> {
  let acknowledged: number[] = []
  let lost = 0
  let next = 0
  for (let time = 0; time <= times; time += 1) {
    const context = await startProfile(profile)
    const page = await openTab(context, served.address)
    await openDatabase(page, storage, relaxed)
    const { numbers, integrity } = await content(page)
    expect(integrity).toBe('ok')
    const there = new Set(numbers)
    lost += acknowledged.filter((n) => !there.has(n)).length
    acknowledged = numbers
    if (time === times) {
      await context.close()
      break
    }
    next = Math.max(next, ...numbers) + 1
    if (mode === 'resolved') {
      await commit(page, next)
      acknowledged.push(next)
      await kill(context)
    } else {
      const heard = acknowledged
      await page.exposeFunction('heard', (n: number) => void heard.push(n))
      const loop = page.evaluate(async (first) => {
        const connection = selfsame.kept['connection'] as Connection
        const { heard: tell } = globalThis as unknown as { heard(n: number): Promise<void> }
        for (let n = first; ; n += 1) {
          await connection.run([{ text: 'INSERT INTO kept VALUES (?)', params: [n] }])
          void tell(n)
        }
      }, next)
      loop.catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 300))
      await kill(context)
      next = Math.max(next, ...heard) + 100
    }
  }
  return lost
}

const storages = ['opfs', 'indexeddb'] as const

describe('the browser killed by SIGKILL', () => {
  test.each(storages)(
    'the moment a commit resolved loses nothing (%s)',
    async (storage) => {
      const times = amount(4, storage === 'opfs' ? 200 : 50)
      const lost = await lostOver(times, storage, 'resolved')
      process.stdout.write(
        `${storage}: ${times} kills the moment a commit resolved, ${lost} acknowledged commits lost\n`,
      )
      expect(lost).toBe(0)
    },
    3_600_000,
  )

  test.each(storages)(
    'in the middle of a stream of commits loses nothing (%s)',
    async (storage) => {
      const times = amount(3, storage === 'opfs' ? 100 : 30)
      const lost = await lostOver(times, storage, 'stream')
      process.stdout.write(`${storage}: ${times} kills in a stream of commits, ${lost} acknowledged commits lost\n`)
      expect(lost).toBe(0)
    },
    3_600_000,
  )

  test('loses commits that were acknowledged before they were saved: this suite would notice', async () => {
    const lost = await lostOver(amount(3, 10), 'indexeddb', 'resolved', true)
    process.stdout.write(`acknowledged before saving: ${lost} commits lost\n`)
    expect(lost).toBeGreaterThan(0)
  }, 600_000)
})

describe('only the worker, or only the tab, killed', () => {
  test.each(storages)(
    'the worker, the moment a commit resolved (%s)',
    async (storage) => {
      const context = await startProfile(profile)
      const page = await openTab(context, served.address)
      const times = amount(10, 100)
      const kept = await page.evaluate(
        async ({ storage: kind, times: count }) => {
          const counts: unknown[] = []
          for (let time = 0; time < count; time += 1) {
            let worker: Worker | undefined
            const start = () => (worker = selfsame.startWorker())
            const connection = await selfsame
              .webDriver({ name: 'worker', storage: [kind], persist: false, worker: start })
              .open()
            const results = await connection.run([
              { text: 'CREATE TABLE IF NOT EXISTS kept (n)', params: [] },
              { text: 'INSERT INTO kept VALUES (1)', params: [] },
              { text: 'SELECT count(*) FROM kept', params: [] },
              { text: 'PRAGMA integrity_check', params: [] },
            ])
            worker?.terminate()
            counts.push([results[2]?.rows[0]?.[0], results[3]?.rows[0]?.[0]])
          }
          return counts
        },
        { storage, times },
      )
      expect(kept).toEqual(Array.from({ length: times }, (_, time) => [time + 1, 'ok']))
      await context.close()
    },
    600_000,
  )

  test.each(storages)(
    'the tab, crashed the moment a commit resolved (%s)',
    async (storage) => {
      const context = await startProfile(profile)
      const times = amount(4, 50)
      for (let time = 0; time <= times; time += 1) {
        const page = await openTab(context, served.address)
        await openDatabase(page, storage)
        expect(await content(page)).toEqual({ numbers: Array.from({ length: time }, (_, n) => n), integrity: 'ok' })
        await commit(page, time)
        const session = await context.newCDPSession(page)
        const crashed = page.waitForEvent('crash')
        session.send('Page.crash').catch(() => undefined)
        await crashed
        await page.close()
      }
      await context.close()
    },
    600_000,
  )
})
