import type { BrowserContext, Page } from 'playwright-core'
import { openTab } from './browser.ts'

type Kind = 'opfs' | 'indexeddb'

export interface TabWritersOptions {
  readonly tabs: number
  readonly goal: number
  /** How many mishaps there are to be at the least. */
  readonly mishaps: number
  readonly storage: Kind
}

/** Tabs that write to one database as fast as they can, with a note of every write that was acknowledged. */
export class TabWriters {
  readonly #context: BrowserContext
  readonly #address: string
  readonly #database = `stress-${crypto.randomUUID()}`
  readonly #options: TabWritersOptions
  readonly acknowledged = new Set<string>()
  readonly failures: string[] = []
  /** What happens to the owner just now. */
  mishap = 'nothing'
  /** The longest that one tab waited for a write of its own, in milliseconds, by what had happened to the owner. */
  readonly longestWait: Record<string, number> = {}
  unknownOutcomes = 0
  /** What is still to happen before they may stop. */
  mishapsLeft: number
  /** The tabs that write, each with the name it has among those that share the database. */
  readonly tabs = new Map<Page, string>()
  #next = 0

  private constructor(context: BrowserContext, address: string, options: TabWritersOptions) {
    this.#context = context
    this.#address = address
    this.#options = options
    this.mishapsLeft = options.mishaps
  }

  static async start(context: BrowserContext, address: string, options: TabWritersOptions): Promise<TabWriters> {
    const writers = new TabWriters(context, address, options)
    await context.exposeFunction('report', (id: string, waited: number, unknown: boolean) => {
      writers.acknowledged.add(id)
      writers.longestWait[writers.mishap] = Math.round(Math.max(writers.longestWait[writers.mishap] ?? 0, waited))
      if (unknown) writers.unknownOutcomes += 1
      return !writers.isDone
    })
    await context.exposeFunction('fail', (failure: string) => void writers.failures.push(failure))
    for (let tab = 0; tab < options.tabs; tab += 1) await writers.addTab()
    return writers
  }

  /** On a fast machine all is written before enough has happened: they go on for as long as it takes. */
  get isDone(): boolean {
    return this.acknowledged.size >= this.#options.goal && this.mishapsLeft === 0
  }

  async addTab(): Promise<void> {
    const page = await openTab(this.#context, this.#address)
    await this.write(page)
  }

  /** The tab that has the database open, as the browser's list of locks names it; waits for it to be one of ours. */
  async owner(): Promise<Page> {
    for (;;) {
      const [asked] = this.tabs.keys()
      if (!asked) throw new Error('No tab is left.')
      const held = await heldLocks(asked, this.#database)
      const note = held.find((name) => name.includes(' is held by {'))
      const tab = note === undefined ? undefined : (JSON.parse(note.slice(note.indexOf('{'))) as { tab: string }).tab
      const found = [...this.tabs].find(([, name]) => name === tab)
      if (found) return found[0]
      // A tab that was frozen has another name after it woke.
      for (const page of this.tabs.keys()) this.tabs.set(page, await this.#nameOf(page))
    }
  }

  /** Opens the database in a page and lets it write until the goal is reached. */
  async write(page: Page): Promise<void> {
    this.#next += 1
    await page.evaluate(startWriting, {
      name: this.#database,
      storage: this.#options.storage,
      writer: `writer-${this.#next}`,
    })
    this.tabs.set(page, await this.#nameOf(page))
  }

  /** What every tab sees once all have stopped. */
  async look(): Promise<{ ids: string[]; counter: number; integrity: string }[]> {
    const pages = [...this.tabs.keys()]
    // All of them first: a tab's last write may come after another tab has ended.
    await Promise.all(pages.map((page) => page.evaluate(() => selfsame.kept['loop'])))
    return Promise.all(pages.map((page) => this.#lookFrom(page)))
  }

  #lookFrom(page: Page): Promise<{ ids: string[]; counter: number; integrity: string }> {
    return page.evaluate(async () => {
      const connection = selfsame.kept['connection'] as Awaited<
        ReturnType<ReturnType<typeof selfsame.webDriver>['open']>
      >
      const [ids, counter, integrity] = await connection.run([
        { text: 'SELECT id FROM written', params: [] },
        { text: 'SELECT n FROM counter', params: [] },
        { text: 'PRAGMA integrity_check', params: [] },
      ])
      return {
        ids: (ids?.rows ?? []).map(([id]) => String(id)),
        counter: Number(counter?.rows[0]?.[0]),
        integrity: String(integrity?.rows[0]?.[0]),
      }
    })
  }

  #nameOf(page: Page): Promise<string> {
    return page.evaluate(() => (selfsame.kept['tab'] as () => string)())
  }
}

async function heldLocks(page: Page, database: string): Promise<string[]> {
  const held = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name ?? ''))
  return (held ?? []).filter((name) => name.startsWith(`selfsame:web:${database}:`))
}

/** Runs in the page. */
async function startWriting({ name, storage, writer }: { name: string; storage: Kind; writer: string }): Promise<void> {
  const page = globalThis as unknown as {
    report(id: string, waited: number, unknown: boolean): Promise<boolean>
    fail(failure: string): Promise<void>
  }
  // The worker is told its name in the first message that it gets.
  let tab = ''
  const { prototype } = Worker as unknown as { prototype: { postMessage(...values: unknown[]): void } }
  const post = prototype.postMessage
  prototype.postMessage = function (...values) {
    const message = values[0] as { m?: string; a?: [{ tab: string }] }
    if (message.m === 'join' && message.a) tab = message.a[0].tab
    return post.apply(this, values)
  }
  selfsame.kept['tab'] = () => tab
  // One storage by each of the ways in which tabs speak: ports are a shared worker's to pass on.
  if (storage === 'indexeddb') Object.assign(globalThis, { SharedWorker: undefined })
  const connection = await selfsame.webDriver({ name, storage: [storage], persist: false }).open()
  selfsame.kept['connection'] = connection
  await connection.run([
    { text: 'CREATE TABLE IF NOT EXISTS written (id TEXT)', params: [] },
    { text: 'CREATE TABLE IF NOT EXISTS counter (n INTEGER)', params: [] },
    { text: 'INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter)', params: [] },
  ])
  const write = async (id: string): Promise<boolean> => {
    let unknown = false
    for (;;) {
      try {
        await connection.run(
          [
            { text: 'INSERT INTO written VALUES (?)', params: [id] },
            { text: 'UPDATE counter SET n = n + 1', params: [] },
          ],
          { transaction: true },
        )
        return unknown
      } catch (error) {
        if (!(error instanceof selfsame.DataLayerError) || error.code !== 'outcome-unknown') throw error
        unknown = true
        const text = 'SELECT count(*) FROM written WHERE id = ?'
        const [found] = await connection.run([{ text, params: [id] }])
        if (found?.rows[0]?.[0] === 1) return unknown
      }
    }
  }
  // While the page is frozen nothing in it waits; what it waited before is not the database's doing.
  let woke = 0
  document.addEventListener('resume', () => (woke = performance.now()))
  const loop = async () => {
    try {
      for (let number = 0; ; number += 1) {
        const id = `${writer}-${number}`
        const started = performance.now()
        const unknown = await write(id)
        if (!(await page.report(id, performance.now() - Math.max(started, woke), unknown))) return
      }
    } catch (error) {
      await page.fail(`${writer}: ${String(error)} ${JSON.stringify(error)}`)
    }
  }
  selfsame.kept['loop'] = loop()
}
