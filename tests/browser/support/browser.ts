import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type BrowserServer, type Page } from 'playwright-core'
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

/** A browser that several processes use. */
export function startBrowserServer(): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath: requireChromium(), args: browserFlags })
}

/** A browser whose profile is on the disk, and outlives it. */
export function startProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: requireChromium(), args: browserFlags })
}

/**
 * A browser whose tabs can be frozen: Playwright makes every tab behave as if it were in front, and such a one never is.
 * Its one context is the profile's own.
 */
export async function startFreezableBrowser(): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-profile-'))
  const flags = [...browserFlags, '--headless', '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank']
  const process = spawn(requireChromium(), flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => process.once('exit', resolve))
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    process.once('error', reject)
    process.once('exit', () => reject(new Error(`The browser did not start: ${said}`)))
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const found = /ws:\/\/\S+/.exec(said)
      if (found) resolve(found[0])
    })
  })
  const browser = await chromium.connectOverCDP(address, { noDefaults: true })
  return {
    context: browser.contexts()[0]!,
    close: async () => {
      await browser.close()
      process.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
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
