import { expect, test } from 'vitest'
import type { StorageKind } from 'selfsame/web'
import { amount } from './support/browser.ts'
import { useBrowser } from './support/shared.ts'

const shared = useBrowser()

test.each<[StorageKind, 'ports' | 'broadcasts']>([
  ['opfs', 'ports'],
  ['indexeddb', 'ports'],
  ['opfs', 'broadcasts'],
])(
  'an owner that closes while others write answers what it began, and nothing runs twice (%s, %s)',
  async (storage, way) => {
    const page = await shared.tab()
    if (way === 'broadcasts') await page.evaluate(() => Object.assign(globalThis, { SharedWorker: undefined }))
    const { asked, rows, lost, doubled, outcomes } = await page.evaluate(
      ({ kind, rounds }) => selfsame.handOver(kind, rounds),
      { kind: storage, rounds: amount(8, 100) },
    )
    // An owner that says good-bye leaves nobody without an answer.
    expect({ rows, lost, doubled, outcomes }).toEqual({ rows: asked, lost: [], doubled: [], outcomes: [] })
  },
)

test('an owner closes while another tab has a transaction open and a third waits for its turn, which comes at the next owner', async () => {
  const page = await shared.tab()
  const heard = await page.evaluate(async () => {
    const open = () => selfsame.webDriver({ name: 'waited-for', persist: false }).open()
    const [owner, busy, waiting] = [await open(), await open(), await open()]
    await owner.run([{ text: 'CREATE TABLE a (n)', params: [] }])
    const session = await busy.reserve()
    await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }])
    const turn = waiting.reserve()
    // Until it stands in the owner's line.
    await new Promise((resolve) => setTimeout(resolve, 200))
    await owner.close()
    const next = await turn
    await next.run([{ text: 'INSERT INTO a VALUES (1)', params: [] }])
    await next.release()
    const lost = await session.run([{ text: 'COMMIT', params: [] }]).catch((error: { code: string }) => error.code)
    await session.release()
    const [rows] = await busy.run([{ text: 'SELECT n FROM a', params: [] }])
    return { lost, rows: rows?.rows }
  })
  expect(heard).toEqual({ lost: 'closed', rows: [[1]] })
})

test('a tab closes while its own calls stand in line behind its own transaction', async () => {
  const page = await shared.tab()
  const answers = await page.evaluate(async () => {
    const open = () => selfsame.webDriver({ name: 'in-line', persist: false }).open()
    const [owner, other] = [await open(), await open()]
    await owner.run([{ text: 'CREATE TABLE a (n)', params: [] }])
    const session = await other.reserve()
    await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }])
    const write = (n: number) => other.run([{ text: 'INSERT INTO a VALUES (?)', params: [n] }])
    const asked = [write(1), other.reserve(), write(2)].map((call) =>
      call.then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    await other.close()
    const [rows] = await owner.run([{ text: 'SELECT n FROM a', params: [] }])
    return [...(await Promise.all(asked)), rows?.rows]
  })
  expect(answers).toEqual(['done', 'closed', 'done', [[1], [2]]])
})
