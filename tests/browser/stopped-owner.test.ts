import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tabWithPort, writeCounted } from './support/broadcasts.ts'
import { openTab, startFreezableBrowser } from './support/browser.ts'
import { rendererOf } from './support/renderer.ts'
import { usePage } from './support/shared.ts'

const served = usePage()
let browser: Awaited<ReturnType<typeof startFreezableBrowser>>
let owner: Page
let other: Page

beforeEach(async () => {
  browser = await startFreezableBrowser()
  owner = await tab(browser.context)
  other = await tab(browser.context)
  await run(owner, 'CREATE TABLE a (n)')
})

afterEach(() => browser.close())

async function tab(context: BrowserContext): Promise<Page> {
  const page = await openTab(context, served.address)
  await page.evaluate(async () => {
    selfsame.kept['connection'] = await selfsame.webDriver({ name: 'stopped', persist: false }).open()
  })
  return page
}

/** The rows, or the code of the error. */
function run(page: Page, text: string): Promise<unknown> {
  return page.evaluate(async (statement) => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    try {
      return (await connection.run([{ text: statement, params: [] }]))[0]?.rows
    } catch (error) {
      return error instanceof selfsame.DataLayerError ? error.code : String(error)
    }
  }, text)
}

async function setFrozen(page: Page, frozen: boolean): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' })
  await session.detach()
}

test('an owner that the system stops leaves an unknown outcome and clear answers; it goes on where it was, or is followed when it ends', async () => {
  await other.evaluate(() => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    selfsame.kept['heard'] = []
    connection.onChange?.(({ tables }) => (selfsame.kept['heard'] as string[]).push(...tables))
  })
  const renderer = await rendererOf(owner)
  process.kill(renderer, 'SIGSTOP')
  try {
    expect(await run(other, 'INSERT INTO a VALUES (1)')).toBe('outcome-unknown')
    expect(await run(other, 'INSERT INTO a VALUES (2)')).toBe('storage-in-use')
  } finally {
    process.kill(renderer, 'SIGCONT')
  }
  // The first was in its hands and may run when it goes on, once; the second was never given to it.
  await expect.poll(() => run(other, 'SELECT n FROM a'), { timeout: 20_000 }).toEqual([[1]])
  expect(await run(owner, 'SELECT n FROM a')).toEqual([[1]])
  // Its own call had failed: without the news it would show that row never.
  await expect.poll(() => other.evaluate(() => selfsame.kept['heard'])).toContain('a')
  process.kill(renderer, 'SIGSTOP')
  const asked = run(other, 'SELECT n FROM a')
  process.kill(renderer, 'SIGKILL')
  expect(await asked).toEqual([[1]])
  expect(await run(other, 'INSERT INTO a VALUES (3)')).toEqual([])
})

test('tabs that come after the shared worker died with a tab’s process are given ports again', async () => {
  // It lives in the first tab's process, which is the first owner's too.
  const session = await owner.context().newCDPSession(owner)
  const crashed = owner.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined)
  await crashed
  expect((await writeCounted(other, 'stopped', 1)).rows).toEqual([1])
  const third = await tabWithPort(() => tab(browser.context), 'stopped')
  expect(await writeCounted(third, 'stopped', 2)).toEqual({ rows: [1, 2], broadcasts: 0 })
})

describe('an owner whose page the browser freezes', () => {
  test('lets another tab take over, and is no owner when it wakes', async () => {
    await setFrozen(owner, true)
    expect(await run(other, 'INSERT INTO a VALUES (1)')).toEqual([])
    await setFrozen(owner, false)
    expect(await run(owner, 'INSERT INTO a VALUES (2)')).toEqual([])
    expect(await run(other, 'SELECT n FROM a')).toEqual([[1], [2]])
  })

  test('hears on waking that tables may have changed', async () => {
    await owner.evaluate(() => {
      const connection = selfsame.kept['connection'] as Awaited<
        ReturnType<ReturnType<typeof selfsame.webDriver>['open']>
      >
      const heard: string[] = []
      selfsame.kept['heard'] = heard
      connection.onChange?.(({ tables }) => heard.push(...tables))
    })
    await setFrozen(owner, true)
    await run(other, 'INSERT INTO a VALUES (1)')
    await setFrozen(owner, false)
    await expect.poll(() => owner.evaluate(() => selfsame.kept['heard'])).toEqual(['a'])
  })

  test('loses its open transaction, and says so', async () => {
    await owner.evaluate(async () => {
      const connection = selfsame.kept['connection'] as Awaited<
        ReturnType<ReturnType<typeof selfsame.webDriver>['open']>
      >
      const session = await connection.reserve()
      selfsame.kept['session'] = session
      for (const text of ['BEGIN IMMEDIATE', 'INSERT INTO a VALUES (1)']) await session.run([{ text, params: [] }])
    })
    await setFrozen(owner, true)
    expect(await run(other, 'SELECT n FROM a')).toEqual([])
    await setFrozen(owner, false)
    const failure = await owner.evaluate(async () => {
      const session = selfsame.kept['session'] as { run(statements: unknown): Promise<unknown> }
      const error: unknown = await session.run([{ text: 'COMMIT', params: [] }]).catch((thrown: unknown) => thrown)
      return error instanceof selfsame.DataLayerError ? [error.code, error.details] : String(error)
    })
    expect(failure).toEqual(['closed', { rolledBack: true }])
    expect(await run(other, 'SELECT n FROM a')).toEqual([])
  })
})

describe('a worker that the browser ends under its page', () => {
  /** Opens a database whose worker then ends; says what becomes of the next call, and of what was written before. */
  const endWorker = (storage: 'opfs' | 'memory') =>
    owner.evaluate(async (kind) => {
      let started: Worker | undefined
      const worker = () => (started = selfsame.startWorker())
      const connection = await selfsame.webDriver({ name: 'ended', storage: [kind], persist: false, worker }).open()
      const run = (text: string) =>
        connection.run([{ text, params: [] }]).then(
          ([result]) => result?.rows,
          (error: { code: string }) => error.code,
        )
      await run('CREATE TABLE a (n)')
      started?.terminate()
      const answers = [await run('INSERT INTO a VALUES (1)'), await run('SELECT count(*) FROM a')]
      await connection.close()
      return answers
    }, storage)

  test('is followed by another one', async () => {
    const [written, count] = await endWorker('opfs')
    expect(written).toBe('outcome-unknown')
    expect(count).toEqual([[0]])
  })

  test('while it opens is followed by another one, and not for ever', async () => {
    const open = (ends: number) =>
      owner.evaluate(async (times) => {
        let started = 0
        const worker = () => {
          started += 1
          if (started > times) return selfsame.startWorker()
          // It tries for seconds to open its files, and ends meanwhile.
          const one = selfsame.startWorker({ openFailures: { times: 1e9, name: 'InvalidStateError' } })
          one.addEventListener('message', () => setTimeout(() => one.terminate(), 100), { once: true })
          return one
        }
        return selfsame
          .webDriver({ name: crypto.randomUUID(), persist: false, worker })
          .open()
          .then(
            async (connection) => {
              await connection.close()
              return started
            },
            (error: { code: string }) => error.code,
          )
      }, ends)
    expect(await open(1)).toBe(2)
    expect(await open(1000)).toBe('storage-unavailable')
  })

  test('is not what it looks like when the site’s data was cleared: the page is given other locks', async () => {
    const session = await owner.context().newCDPSession(owner)
    await session.send('Storage.clearDataForOrigin', { origin: new URL(served.address).origin, storageTypes: 'all' })
    const rows = await owner.evaluate(async () => {
      const connection = await selfsame.webDriver({ name: 'anew', persist: false }).open()
      const run = (text: string) => connection.run([{ text, params: [] }])
      await run('CREATE TABLE a (n)')
      await run('INSERT INTO a VALUES (1)')
      const [found] = await run('SELECT n FROM a')
      await connection.close()
      return found?.rows
    })
    expect(rows).toEqual([[1]])
  })

  test('takes a database in memory with it: what asks for it is told, and given no empty one', async () => {
    expect(await endWorker('memory')).toEqual(['closed', 'closed'])
  })
})
