import type { BrowserContext, Page } from 'playwright-core'
import { openTab } from './browser.ts'

/** Tabs that write to one database as fast as they can, with a note of every write that was acknowledged. */
export class TabWriters {
  readonly #context: BrowserContext
  readonly #address: string
  readonly #database: string
  readonly #storage: 'opfs' | 'indexeddb'
  readonly acknowledged = new Set<string>()
  readonly failures: string[] = []
  /** What happens to the owner just now. */
  mishap = 'nothing'
  /** The longest that one tab waited for a write of its own, in milliseconds, by what had happened to the owner. */
  readonly longestWait: Record<string, number> = {}
  unknownOutcomes = 0
  /** In the order in which they will own the database: the first one does. */
  readonly tabs: Page[] = []
  #next = 0
  #goal = 0

  private constructor(context: BrowserContext, address: string, database: string, storage: 'opfs' | 'indexeddb') {
    this.#context = context
    this.#address = address
    this.#database = database
    this.#storage = storage
  }

  static async start(
    context: BrowserContext,
    address: string,
    options: { readonly tabs: number; readonly goal: number; readonly storage: 'opfs' | 'indexeddb' },
  ): Promise<TabWriters> {
    const writers = new TabWriters(context, address, `stress-${crypto.randomUUID()}`, options.storage)
    writers.#goal = options.goal
    await context.exposeFunction('report', (id: string, waited: number, unknown: boolean) => {
      writers.acknowledged.add(id)
      writers.longestWait[writers.mishap] = Math.round(Math.max(writers.longestWait[writers.mishap] ?? 0, waited))
      if (unknown) writers.unknownOutcomes += 1
      return writers.acknowledged.size < writers.#goal
    })
    await context.exposeFunction('fail', (failure: string) => void writers.failures.push(failure))
    for (let tab = 0; tab < options.tabs; tab += 1) await writers.addTab()
    return writers
  }

  get isDone(): boolean {
    return this.acknowledged.size >= this.#goal
  }

  async addTab(): Promise<void> {
    const page = await openTab(this.#context, this.#address)
    this.tabs.push(page)
    await this.write(page)
  }

  /** Opens the database in a page and lets it write until the goal is reached. */
  async write(page: Page): Promise<void> {
    this.#next += 1
    await page.evaluate(
      async ({ name, storage, writer }) => {
        const page = globalThis as unknown as {
          report(id: string, waited: number, unknown: boolean): Promise<boolean>
          fail(failure: string): Promise<void>
        }
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
        const loop = async () => {
          try {
            for (let number = 0; ; number += 1) {
              const id = `${writer}-${number}`
              const started = performance.now()
              const unknown = await write(id)
              if (!(await page.report(id, performance.now() - started, unknown))) return
            }
          } catch (error) {
            await page.fail(`${writer}: ${String(error)} ${JSON.stringify(error)}`)
          }
        }
        selfsame.kept['loop'] = loop()
      },
      { name: this.#database, storage: this.#storage, writer: `writer-${this.#next}` },
    )
  }

  /** What a tab sees when all have stopped. */
  async look(page: Page): Promise<{ ids: string[]; counter: number; integrity: string }> {
    return page.evaluate(async () => {
      await selfsame.kept['loop']
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
}
