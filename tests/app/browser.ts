import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { requireChromium } from '../../scripts/chromium.ts'

/** Starts headless Chromium; the sandbox is left out for root alone, who cannot have one. */
export async function startChromium(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: requireChromium(),
    args: [
      ...(asRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A user with a browser profile of their own. `complaints` collects everything that the console warned of. */
export interface Visitor {
  readonly context: BrowserContext
  readonly complaints: string[]
  openTab(address: string): Promise<Page>
}

export async function newVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext(options)
  // Generous: the machine may be busy with the other tests.
  context.setDefaultTimeout(60_000)
  const complaints: string[] = []
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`))
  context.on('requestfailed', (request) => {
    // A shared worker loads its script in a session of its own: the page's hears of the request and not of its end, and
    // calls it aborted when the page is left. That the worker works is shown by tests/browser/messages.test.ts.
    const isSharedWorker = request.failure()?.errorText === 'net::ERR_ABORTED' && /port-exchange/.test(request.url())
    if (!isSharedWorker) complaints.push(`failed request: ${request.url()}`)
  })
  const openTab = async (address: string) => {
    const page = await context.newPage()
    await page.goto(address)
    return page
  }
  return { context, complaints, openTab }
}

/** Chooses what the legacy database holds and loads it. */
export async function loadLegacy(page: Page, choice: { accounts?: number; state?: string } = {}): Promise<void> {
  await page.getByLabel('Accounts').fill(String(choice.accounts ?? 4))
  if (choice.state) await page.locator(`input[name=state][value=${choice.state}]`).check()
  await page.getByTestId('load-legacy').click()
  await page.getByTestId('launch-outcome').waitFor()
}

export async function textOf(page: Page, testId: string): Promise<string> {
  return (await page.getByTestId(testId).innerText()).trim()
}
