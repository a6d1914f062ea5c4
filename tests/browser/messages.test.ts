import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { tabWithPort, writeCounted } from './support/broadcasts.ts'
import { useBrowser } from './support/shared.ts'

const shared = useBrowser()

/** What a page is given instead of its browser's shared workers. */
type Given = 'its own' | 'none' | 'one that throws' | 'a script that is not there' | 'one that never answers'

/** A tab with the database open, in a browser with these shared workers. */
async function tab(given: Given = 'its own'): Promise<Page> {
  const page = await shared.tab()
  await page.evaluate(async (kind) => {
    const Original = globalThis.SharedWorker
    const instead: Record<string, unknown> = {
      none: undefined,
      'one that throws': function () {
        throw new DOMException('', 'SecurityError')
      },
      'a script that is not there': class extends Original {
        constructor() {
          super('/nowhere.js', { type: 'module' })
        }
      },
      'one that never answers': class {
        readonly port = new MessageChannel().port1
        addEventListener() {}
      },
    }
    if (kind in instead) Object.assign(globalThis, { SharedWorker: instead[kind] })
    selfsame.kept['connection'] = await selfsame.webDriver({ name: 'shared', persist: false }).open()
  }, given)
  return page
}

const write = (page: Page, ...numbers: number[]) => writeCounted(page, 'shared', ...numbers)

async function create(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const connection = selfsame.kept['connection'] as Awaited<ReturnType<ReturnType<typeof selfsame.webDriver>['open']>>
    await connection.run([{ text: 'CREATE TABLE a (n)', params: [] }])
  })
}

test('tabs speak through ports that a shared worker passes on, to every owner that follows', async () => {
  const first = await tab()
  await create(first)
  const [second, third] = [await tabWithPort(tab, 'shared'), await tabWithPort(tab, 'shared')]
  expect(await write(second, 1, 2)).toEqual({ rows: [1, 2], broadcasts: 0 })
  await first.close()
  // One of them is the owner now, and the other one speaks to it.
  const sent = [await write(second, 3), await write(third, 4)]
  expect(sent.map(({ rows }) => rows)).toEqual([
    [1, 2, 3],
    [1, 2, 3, 4],
  ])
  const fourth = await tabWithPort(tab, 'shared')
  expect(await write(fourth, 5)).toEqual({ rows: [1, 2, 3, 4, 5], broadcasts: 0 })
})

test.each<Given>(['none', 'one that throws', 'a script that is not there', 'one that never answers'])(
  'where the shared worker is %s, a tab is heard by broadcast',
  async (given) => {
    const [owner, other] = [await tab(), await tab(given)]
    await create(owner)
    const { rows, broadcasts } = await write(other, 1, 2)
    expect(rows).toEqual([1, 2])
    expect(broadcasts).toBe(3)
  },
)

test('an owner that the shared worker does not know, such as another version of the app, is written to by broadcast', async () => {
  const [owner, other] = [await tab('none'), await tab()]
  await create(owner)
  const { rows, broadcasts } = await write(other, 1, 2)
  expect(rows).toEqual([1, 2])
  expect(broadcasts).toBe(3)
})
