import type { Page } from 'playwright-core'

/**
 * Writes numbers into the table `a` of a page's connection (`selfsame.kept`), reads them back, and counts the broadcasts
 * that the database's owner was sent meanwhile: none where the tabs speak through a port.
 */
export function writeCounted(
  page: Page,
  database: string,
  ...numbers: number[]
): Promise<{ rows: unknown; broadcasts: number }> {
  return page.evaluate(
    async ({ name, values }) => {
      const connection = selfsame.kept['connection'] as Awaited<
        ReturnType<ReturnType<typeof selfsame.webDriver>['open']>
      >
      // Answered when there is an owner: after one has gone, the next.
      await connection.run([{ text: 'SELECT 1', params: [] }])
      const { held = [] } = await navigator.locks.query()
      const note = held.find((lock) => lock.name?.startsWith(`selfsame:web:${name}:owner is held by`))?.name ?? ''
      const owner = (JSON.parse(note.slice(note.indexOf('{'))) as { tab: string }).tab
      const channel = new BroadcastChannel(`selfsame:web:${name}:mail:${owner}`)
      const sender = new BroadcastChannel(channel.name)
      // What is heard before a mark of its own was sent before it: a channel listens, and hears, a moment later than it was asked.
      const mark = () =>
        new Promise<void>((resolve) => {
          const message = crypto.randomUUID()
          channel.addEventListener(
            'message',
            ({ data }) => (data as { message: unknown }).message === message && resolve(),
          )
          sender.postMessage({ from: 'nobody', to: 'tab', message })
        })
      await mark()
      let broadcasts = 0
      channel.addEventListener('message', ({ data }) => {
        if ((data as { from: string }).from !== 'nobody') broadcasts += 1
      })
      for (const n of values) await connection.run([{ text: 'INSERT INTO a VALUES (?)', params: [n] }])
      const [read] = await connection.run([{ text: 'SELECT n FROM a ORDER BY n', params: [] }])
      await mark()
      sender.close()
      channel.close()
      return { rows: read?.rows.flat(), broadcasts }
    },
    { name: database, values: numbers },
  )
}

/**
 * A tab that has a port to the owner. Where the machine stands still for a moment a tab is given none, and where the shared
 * worker has died the owner learns of it by the next tab: then another tab comes.
 */
export async function tabWithPort(open: () => Promise<Page>, database: string): Promise<Page> {
  for (let attempt = 1; ; attempt += 1) {
    const page = await open()
    const { broadcasts } = await writeCounted(page, database)
    if (broadcasts === 0 || attempt === 5) return page
    await page.close()
  }
}
