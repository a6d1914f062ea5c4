import type { Page } from 'playwright-core'

/** The process that runs a page: the browser does not say which, so it is the one that is busy while the page is. */
export async function rendererOf(page: Page): Promise<number> {
  const browser = page.context().browser()
  if (!browser) throw new Error('The page has no browser.')
  const session = await browser.newBrowserCDPSession()
  const times = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]))
  }
  const before = await times()
  await page.evaluate(() => {
    const end = performance.now() + 300
    while (performance.now() < end);
  })
  const used = [...(await times())].map(([id, time]) => ({ id, time: time - (before.get(id) ?? 0) }))
  await session.detach()
  const busiest = used.toSorted((a, b) => b.time - a.time)[0]
  if (!busiest) throw new Error('The browser names no renderer.')
  return busiest.id
}
