import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { Faults } from './page/faults.ts'
import { amount } from './support/browser.ts'
import { requestsBelow, useBrowser } from './support/shared.ts'

const shared = useBrowser()

type Value = null | string | number

/** A tab with `db`, the database that all tabs share. */
async function tab(below = '', faults?: Faults): Promise<Page> {
  const page = await shared.tab(below)
  await page.evaluate(async (wrong) => {
    const connection = await selfsame.faultyDriver({ name: 'shared', persist: false }, wrong).open()
    selfsame.kept['connection'] = connection
  }, faults)
  return page
}

/** Keeps what a tab hears of other tabs' commits. */
function listen(page: Page): Promise<void> {
  return page.evaluate(() => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    const heard: string[] = []
    selfsame.kept['heard'] = heard
    // News of the tables' making may still be on their way.
    connection.onChange?.(({ tables }) => heard.push(...tables.filter((table) => table !== 'sqlite_schema')))
  })
}

function heard(page: Page): Promise<string[]> {
  return page.evaluate(() => selfsame.kept['heard'] as string[])
}

/** Runs statements in a tab, one after the other; answers the last one's rows, or the code of the error. */
function run(page: Page, ...texts: string[]): Promise<Value[][] | string> {
  return page.evaluate(async (statements) => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    try {
      const results = await connection.run(statements.map((text) => ({ text, params: [] })))
      return (results.at(-1)?.rows ?? []) as Value[][]
    } catch (error) {
      return error instanceof selfsame.DataLayerError ? error.code : String(error)
    }
  }, texts)
}

/** Begins a transaction in a tab, and leaves it open. */
function begin(page: Page, ...texts: string[]): Promise<void> {
  return page.evaluate(async (statements) => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    const session = await connection.reserve()
    selfsame.kept['session'] = session
    for (const text of ['BEGIN IMMEDIATE', ...statements]) await session.run([{ text, params: [] }])
  }, texts)
}

describe('several tabs', () => {
  test('share one database, whichever has it open', async () => {
    const [owner, other] = [await tab(), await tab()]
    await run(owner, 'CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)')
    await run(other, 'INSERT INTO a VALUES (2)')
    expect(await run(owner, 'SELECT n FROM a')).toEqual([[1], [2]])
    expect(await run(other, 'SELECT n FROM a')).toEqual([[1], [2]])
  })

  test('load the wasm in the tab that has the database open, and there once', async () => {
    const own = `/${crypto.randomUUID()}`
    const wasm = () => requestsBelow(own, '.wasm')
    await tab(own)
    expect(await wasm()).toBe(1)
    await tab(own)
    expect(await wasm()).toBe(1)
  })

  test('hear of each other’s commits, and not of what was rolled back', async () => {
    const [owner, other] = [await tab(), await tab()]
    await run(owner, 'CREATE TABLE a (n)', 'CREATE TABLE b (n)')
    for (const page of [owner, other]) await listen(page)
    await run(other, 'INSERT INTO a VALUES (1)')
    await expect.poll(() => heard(owner)).toEqual(['a'])
    expect(await heard(other)).toEqual([])
    await begin(owner, 'INSERT INTO a VALUES (2)')
    await owner.evaluate(() => (selfsame.kept['session'] as { release(): Promise<void> }).release())
    await run(owner, 'INSERT INTO b VALUES (1)')
    await expect.poll(() => heard(other)).toEqual(['b'])
  })

  test('hear of commits whose owner died before it told of them', async () => {
    const owner = await tab('', { withoutNews: true })
    const [next, third] = [await tab(), await tab()]
    await run(owner, 'CREATE TABLE a (n)')
    for (const page of [next, third]) await listen(page)
    await run(owner, 'INSERT INTO a VALUES (1)')
    expect([await heard(next), await heard(third)]).toEqual([[], []])
    await owner.close()
    for (const page of [next, third]) await expect.poll(() => heard(page)).toEqual(['a'])
  })

  test('see a data layer’s changes in live queries of other tabs', async () => {
    const [first, second] = [await shared.tab(), await shared.tab()]
    for (const page of [first, second]) {
      await page.evaluate(async () => {
        const dataLayer = selfsame.createDataLayer({ driver: selfsame.webDriver({ name: 'layer', persist: false }) })
        selfsame.kept['layer'] = dataLayer
        const seen: string[][] = []
        selfsame.kept['seen'] = seen
        dataLayer.db.onChange(({ tables }) => seen.push([...tables]))
        const { error } = await dataLayer.launch()
        if (error) throw error
      })
    }
    expect(await second.evaluate(() => (selfsame.kept['layer'] as { storage: unknown }).storage)).toEqual({
      kind: 'opfs',
      durable: true,
      reason: null,
      movedFrom: null,
    })
    await first.evaluate(async () => {
      const { db } = selfsame.kept['layer'] as ReturnType<typeof selfsame.createDataLayer>
      await db.transaction((tx) =>
        tx.execute({ text: 'INSERT INTO logs (date, message) VALUES (?, ?)', params: ['d', 'm'] }),
      )
    })
    await expect.poll(() => second.evaluate(() => selfsame.kept['seen'])).toContainEqual(['logs'])
  })

  test.each(['owner', 'other'] as const)(
    'keep out of a transaction of the %s until its tab is closed',
    async (which) => {
      const tabs = { owner: await tab(), other: await tab() }
      const [busy, waiting] = which === 'owner' ? [tabs.owner, tabs.other] : [tabs.other, tabs.owner]
      await run(tabs.owner, 'CREATE TABLE a (n)')
      await begin(busy, 'INSERT INTO a VALUES (1)')
      const count = run(waiting, 'SELECT count(*) FROM a')
      expect(await Promise.race([count, new Promise((resolve) => setTimeout(() => resolve('waits'), 300))])).toBe(
        'waits',
      )
      await busy.close()
      expect(await count).toEqual([[0]])
      expect(await run(waiting, 'PRAGMA foreign_keys')).toEqual([[1]])
    },
  )

  test('roll back a transaction whose owner goes, and say so to the tab that had it open', async () => {
    const [owner, other] = [await tab(), await tab()]
    await run(owner, 'CREATE TABLE a (n)')
    await begin(other, 'INSERT INTO a VALUES (1)')
    await owner.close()
    // Once this is answered the other tab is the owner, and knows what became of its transaction.
    expect(await run(other, 'SELECT count(*) FROM a')).toEqual([[0]])
    const code = await other.evaluate(async () => {
      const session = selfsame.kept['session'] as {
        run(statements: unknown): Promise<unknown>
        release(): Promise<void>
      }
      const failure = await session.run([{ text: 'COMMIT', params: [] }]).catch((error: unknown) => error)
      await session.release()
      return failure instanceof selfsame.DataLayerError ? [failure.code, failure.details] : String(failure)
    })
    expect(code).toEqual(['closed', { rolledBack: true }])
    expect(await run(other, 'SELECT count(*) FROM a')).toEqual([[0]])
  })

  test('switch foreign keys on again when a tab dies that had switched them off', async () => {
    const [owner, other] = [await tab(), await tab()]
    await other.evaluate(async () => {
      const connection = selfsame.kept['connection'] as Awaited<
        ReturnType<ReturnType<typeof selfsame.webDriver>['open']>
      >
      const session = await connection.reserve()
      await session.run([{ text: 'PRAGMA foreign_keys = OFF', params: [] }])
    })
    await other.close()
    expect(await run(owner, 'PRAGMA foreign_keys')).toEqual([[1]])
  })

  test('tell a version that cannot join who has the database, and since when', async () => {
    const page = await shared.tab()
    const answer = await page.evaluate(async () => {
      const lock = 'selfsame:web:shared:owner'
      const note = { holder: 'tab of tomorrow', since: '2030-01-01T00:00:00.000Z', tab: 'x', protocol: 99 }
      for (const name of [lock, `${lock} is held by ${JSON.stringify(note)}`]) {
        await new Promise<void>((resolve) => {
          void navigator.locks.request(name, () => {
            resolve()
            return new Promise(() => undefined)
          })
        })
      }
      const failure = await selfsame
        .webDriver({ name: 'shared' })
        .open()
        .catch((error: unknown) => error)
      return failure instanceof selfsame.DataLayerError ? failure.toJSON() : String(failure)
    })
    expect(answer).toMatchObject({
      code: 'storage-in-use',
      details: { holder: 'tab of tomorrow', since: '2030-01-01T00:00:00.000Z' },
    })
  })

  test('tell a service worker, which can have no worker of its own, who has the database', async () => {
    const page = await tab()
    const ask = (name: string) =>
      page.evaluate(async (database) => {
        await navigator.serviceWorker.register(selfsame.serviceWorker, { type: 'module' })
        let registration: ServiceWorkerRegistration | undefined
        while (!registration?.active) {
          await new Promise((resolve) => setTimeout(resolve, 10))
          registration = await navigator.serviceWorker.getRegistration(selfsame.serviceWorker)
        }
        const { port1, port2 } = new MessageChannel()
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
        registration.active.postMessage(database, [port2])
        return answer
      }, name)
    expect(await ask('shared')).toMatchObject({
      code: 'storage-in-use',
      details: { holder: expect.stringMatching(/^tab /), since: expect.any(String) },
    })
    expect(await ask('nobody’s')).toMatchObject({ code: 'storage-unavailable' })
  })

  test('migrate once when four are opened together; the others wait and go on', async () => {
    const pages = await Promise.all(Array.from({ length: 4 }, () => shared.tab()))
    await pages[0]!.evaluate(async () => {
      const connection = await selfsame.webDriver({ name: 'legacy', persist: false }).open()
      await selfsame.writeLegacyDatabase(connection, selfsame.buildLegacyDatabase({ accounts: 200 }))
      await connection.close()
    })
    const reports = await Promise.all(
      pages.map((page) =>
        page.evaluate(async () => {
          const dataLayer = selfsame.createDataLayer({ driver: selfsame.webDriver({ name: 'legacy', persist: false }) })
          const { outcome, applied, error } = await dataLayer.launch()
          const accounts = error ? String(error) : (await dataLayer.accounts.list()).length
          return { outcome, applied: applied.length, accounts }
        }),
      ),
    )
    expect(reports.map(({ outcome }) => outcome).toSorted()).toEqual(['current', 'current', 'current', 'migrated'])
    expect(reports.map(({ accounts }) => accounts)).toEqual([200, 200, 200, 200])
  })

  test('open again after every one of many reloads, with all that was written', async () => {
    const page = await shared.tab()
    const times = amount(6, 100)
    for (let time = 1; time <= times; time += 1) {
      const count = await page.evaluate(async () => {
        const connection = await selfsame.webDriver({ name: 'reloaded', persist: false }).open()
        const results = await connection.run([
          { text: 'CREATE TABLE IF NOT EXISTS a (n)', params: [] },
          { text: 'INSERT INTO a VALUES (1)', params: [] },
          { text: 'SELECT count(*) FROM a', params: [] },
        ])
        return results[2]?.rows[0]?.[0]
      })
      expect(count).toBe(time)
      await page.reload()
      await page.waitForFunction(() => 'selfsame' in globalThis)
    }
    process.stdout.write(`${times} reloads, each opened the database\n`)
  })
})
