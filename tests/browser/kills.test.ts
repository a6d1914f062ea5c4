import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { amount, openTab, startProfile } from './support/browser.ts'
import { usePage } from './support/shared.ts'

const shared = usePage()
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

async function openDatabase(page: Page, storage: Storage): Promise<void> {
  await page.evaluate(async (kind) => {
    const connection = await selfsame.webDriver({ name: 'killed', storage: [kind], persist: false }).open()
    selfsame.kept['connection'] = connection
    await connection.run([{ text: 'CREATE TABLE IF NOT EXISTS kept (n INTEGER PRIMARY KEY)', params: [] }])
  }, storage)
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

type Mode = 'resolved' | 'stream'

/** What is killed: a tab with the database open, in a browser of its own or in one that stays. */
interface Victim {
  open(): Promise<Page>
  kill(page: Page): Promise<void>
  close(page: Page): Promise<void>
}

const browserVictim: Victim = {
  open: async () => openTab(await startProfile(profile), shared.address),
  kill: (page) => kill(page.context()),
  close: (page) => page.context().close(),
}

/** A tab of a browser that stays. Its profile is on the disk: a private context's files are in the browser's memory. */
function tabVictim(context: BrowserContext): Victim {
  return {
    open: () => openTab(context, shared.address),
    kill: async (page) => {
      const session = await page.context().newCDPSession(page)
      const crashed = page.waitForEvent('crash')
      session.send('Page.crash').catch(() => undefined)
      await crashed
      await page.close()
    },
    close: (page) => page.close(),
  }
}

/** Kills a victim `times` times; answers how many acknowledged commits were not there afterwards. */
async function lostOver(victim: Victim, times: number, storage: Storage, mode: Mode): Promise<number> {
  let acknowledged: number[] = []
  let lost = 0
  let next = 0
  for (let time = 0; time <= times; time += 1) {
    const page = await victim.open()
    await openDatabase(page, storage)
    const { numbers, integrity } = await content(page)
    expect(integrity).toBe('ok')
    const there = new Set(numbers)
    lost += acknowledged.filter((n) => !there.has(n)).length
    acknowledged = numbers
    if (time === times) {
      await victim.close(page)
      break
    }
    next = Math.max(next, ...numbers) + 1
    if (mode === 'resolved') {
      await commit(page, next)
      acknowledged.push(next)
      await victim.kill(page)
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
      await victim.kill(page)
      next = Math.max(next, ...heard) + 100
    }
  }
  return lost
}

const storages = ['opfs', 'indexeddb'] as const
const times = { resolved: amount(2, 200), stream: amount(2, 100) }
const when = { resolved: 'the moment a commit resolved', stream: 'in a stream of commits' }
const cases = amount<readonly { storage: Storage; mode: Mode }[]>(
  [
    { storage: 'opfs', mode: 'resolved' },
    { storage: 'indexeddb', mode: 'stream' },
  ],
  storages.flatMap((storage) => (['resolved', 'stream'] as const).map((mode) => ({ storage, mode }))),
)

function print(what: string, storage: Storage, mode: Mode, count: number, lost: number): void {
  process.stdout.write(`${storage}: ${what} ${count} times ${when[mode]}, ${lost} acknowledged commits lost\n`)
}

const timeout = 3_600_000

describe.each(cases)('kept in $storage, $mode', ({ storage, mode }) => {
  test('the browser killed by SIGKILL loses nothing', { timeout }, async () => {
    const lost = await lostOver(browserVictim, times[mode], storage, mode)
    print('browser killed', storage, mode, times[mode], lost)
    expect(lost).toBe(0)
  })

  test('a crashed tab loses nothing', { timeout }, async () => {
    const context = await startProfile(profile)
    const lost = await lostOver(tabVictim(context), times[mode], storage, mode)
    await context.close()
    print('tab crashed', storage, mode, times[mode], lost)
    expect(lost).toBe(0)
  })

  test('an ended worker loses nothing', { timeout }, async () => {
    const context = await startProfile(profile)
    const page = await openTab(context, shared.address)
    const count = amount(5, times[mode])
    const { lost, integrity } = await page.evaluate((kills) => selfsame.killWorkers(kills), {
      storage,
      mode,
      times: count,
    })
    print('worker ended', storage, mode, count, lost)
    await context.close()
    expect({ lost, integrity }).toEqual({ lost: 0, integrity: ['ok'] })
  })
})

describe.each(storages)('the control: commits in %s that are acknowledged before they are saved', (storage) => {
  test('are lost, and these tests notice', { timeout }, async () => {
    const context = await startProfile(profile)
    const page = await openTab(context, shared.address)
    const count = amount(3, 20)
    const { lost } = await page.evaluate((kills) => selfsame.killWorkers(kills), {
      storage,
      mode: 'resolved' as const,
      times: count,
      faults: { acknowledgeBeforeSaving: true },
    })
    await context.close()
    process.stdout.write(`${storage}, acknowledged before saving: ${count} workers ended, ${lost} commits lost\n`)
    expect(lost).toBeGreaterThan(0)
  })
})
