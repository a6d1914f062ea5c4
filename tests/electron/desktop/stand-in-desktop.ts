import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Frame as PageFrame, Page, Request, Route } from 'playwright-core'
import { chromiumVersion, requireChromium } from '../../../scripts/chromium.ts'
import { projectFolder } from '../../../scripts/entry-points.ts'
import { startBrowser } from '../../browser/support/browser.ts'
import type { Desktop, Runtime } from './desktop.ts'
import type { Frame, FromMain, Served, ToMain } from './messages.ts'
import { preloadWorld } from './preload-world.ts'

declare global {
  /** Inside a page of the stand-in: what main sends. */
  var standInDeliver: (channel: string, values: unknown[]) => void
}

type WithoutCall<Message> = Message extends { call: number } ? Omit<Message, 'call'> : never

/** The built app's main in a Node process of its own, its windows in a real Chromium, and the tests in between. */
export async function standInRuntime(): Promise<Runtime> {
  const browser = await startBrowser()
  return {
    name: `a stand-in for Electron: Node ${process.versions.node} and ${chromiumVersion(requireChromium())}`,
    start: async (main, userData) => {
      const desktop = new StandInDesktop(main, userData, await browser.newContext())
      await desktop.start()
      return desktop
    },
    close: () => browser.close(),
  }
}

// Chromium alone has no scheme of the app's; it is shown the same pages under an address that only the tests answer.
const toPage = (url: string) => url.replace(/^app:\/\/([\w-]+)\//, 'https://$1.test/')
const toApp = (url: string) => url.replace(/^https:\/\/([\w-]+)\.test\//, 'app://$1/')

class StandInDesktop implements Desktop {
  readonly userData: string
  readonly complaints: string[] = []
  readonly #main: string
  readonly #context: BrowserContext
  readonly #process: ChildProcess
  readonly #pages = new Map<number, Page>()
  readonly #calls = new Map<number, (message: Extract<FromMain, { kind: 'answer' }>) => void>()
  readonly #expected = new Set<string>()
  #lastCall = 0
  #opened: (page: Page) => void = () => undefined

  constructor(main: string, userData: string, context: BrowserContext) {
    this.#main = main
    this.userData = userData
    this.#context = context
    context.setDefaultTimeout(60_000)
    this.#process = this.#spawn()
    this.#process.on('message', (message: FromMain) => void this.#hear(message))
  }

  async start(): Promise<void> {
    this.#context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text())
    })
    await this.#context.exposeBinding('standInInvoke', ({ page, frame }, channel: string, values: unknown[]) =>
      this.#ask({ kind: 'invoke', window: this.#windowOf(page), frame: frameOf(frame), channel, values }),
    )
    await this.#context.route('**', (route) => this.#route(route))
  }

  async firstWindow(): Promise<Page> {
    const [page] = this.#pages.values()
    return page ?? this.#nextWindow()
  }

  async newWindow(): Promise<Page> {
    const opened = this.#nextWindow()
    this.#tell({ kind: 'click', item: 'new-window' })
    return opened
  }

  pages(): readonly Page[] {
    return this.#context.pages()
  }

  async startAgain(): Promise<void> {
    const second = this.#spawn()
    second.on('message', (message: FromMain) => {
      if (message.kind === 'refused') this.#tell({ kind: 'second-instance' })
    })
    await once(second, 'exit')
  }

  async quit(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit')
      this.#tell({ kind: 'quit' })
      await ended
    }
    await this.#context.close()
  }

  #spawn(): ChildProcess {
    const script = join(projectFolder, 'tests/electron/desktop/start-main.ts')
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, this.#main], {
      env: { ...process.env, SELFSAME_USER_DATA: this.userData },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
  }

  #tell(message: ToMain): void {
    if (this.#process.connected) this.#process.send(message)
  }

  async #ask(question: WithoutCall<ToMain>): Promise<unknown> {
    const call = (this.#lastCall += 1)
    const answered = new Promise<Extract<FromMain, { kind: 'answer' }>>((resolve) => this.#calls.set(call, resolve))
    this.#tell({ ...question, call } as ToMain)
    const { value, error } = await answered
    this.#calls.delete(call)
    if (error !== undefined) throw new Error(`Error invoking remote method: ${error}`)
    return value
  }

  async #hear(message: FromMain): Promise<void> {
    if (message.kind === 'answer') this.#calls.get(message.call)?.(message)
    else if (message.kind === 'load') await this.#load(message)
    else if (message.kind === 'send') {
      const { channel, values } = message
      // A page that is gone, or on its way to another, hears nothing in Electron either.
      await this.#pages
        .get(message.window)
        ?.evaluate((sent) => globalThis.standInDeliver(sent.channel, sent.values), { channel, values })
        .catch(() => undefined)
    }
  }

  async #load({ window, url, preload, preferences }: Extract<FromMain, { kind: 'load' }>): Promise<void> {
    const { contextIsolation, sandbox, nodeIntegration } = preferences
    if (contextIsolation !== true || sandbox !== true || nodeIntegration !== false)
      throw new Error('The window is not shut off from Node.')
    const page = await this.#context.newPage()
    this.#pages.set(window, page)
    let navigating = false
    page.on('request', (request) => {
      if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return
      navigating = true
      this.#tell({ kind: 'navigating', window, url: toApp(request.url()) })
    })
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame() || !navigating) return
      navigating = false
      this.#tell({ kind: 'navigated', window, url: toApp(frame.url()) })
    })
    page.on('popup', async (popup) => {
      if (!(await this.#ask({ kind: 'may', window, what: 'open', url: popup.url() }))) await popup.close()
    })
    page.on('close', () => {
      this.#pages.delete(window)
      this.#tell({ kind: 'closed', window, url: '' })
    })
    await page.addInitScript(preloadWorld(readFileSync(preload, 'utf8')))
    this.#expected.add(toPage(url))
    await page.goto(toPage(url))
    this.#opened(page)
  }

  #nextWindow(): Promise<Page> {
    return new Promise((resolve) => (this.#opened = resolve))
  }

  #windowOf(page: Page): number {
    for (const [window, each] of this.#pages) if (each === page) return window
    return 0
  }

  #windowOfNavigation(request: Request): number | undefined {
    try {
      return this.#windowOf(request.frame().page())
    } catch {
      // Of a window that is about to be: whether it may be is asked when it is there.
      return undefined
    }
  }

  async #route(route: Route): Promise<void> {
    const request = route.request()
    const url = toApp(request.url())
    if (request.isNavigationRequest() && !this.#expected.has(request.url())) {
      const window = this.#windowOfNavigation(request)
      const allowed = !window || (await this.#ask({ kind: 'may', window, what: 'navigate', url }))
      if (!allowed) return route.abort('aborted')
      // A page elsewhere, as far as these tests need one.
      if (!url.startsWith('app://'))
        return route.fulfill({ contentType: 'text/html', body: '<title>Elsewhere</title>' })
    }
    if (!url.startsWith('app://')) return route.abort('aborted')
    const { status, headers, body } = (await this.#ask({ kind: 'fetch', url })) as Served
    await route.fulfill({ status, headers, body: Buffer.from(body) })
  }
}

function frameOf(frame: PageFrame): Frame {
  const parent = frame.parentFrame()
  return { url: toApp(frame.url()), parent: parent && frameOf(parent) }
}
