import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { requireChromium } from '../../../scripts/chromium.ts'
import type { Library } from '../page/page.ts'

declare global {
  /** Inside a page: what page.ts put there. */
  var selfsame: Library
}

export const browserFlags = [
  // Root alone cannot have a sandbox.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: requireChromium(), args: browserFlags })
}

/** A browser whose profile is on the disk, and outlives it. */
export function startProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: requireChromium(), args: browserFlags })
}

export async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') process.stderr.write(`console: ${message.text()}\n`)
  })
  await page.goto(address)
  await page.waitForFunction(() => 'selfsame' in globalThis)
  return page
}

/** How much work a test does: `SELFSAME_BROWSER_FULL=1` asks for the counts that the storage's page of decisions reports. */
export function amount<T>(usual: T, full: T): T {
  return process.env['SELFSAME_BROWSER_FULL'] ? full : usual
}
