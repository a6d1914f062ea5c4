// The `electron` module of the stand-in's main process. What it shows of Electron is what app/electron uses of it.
import { EventEmitter } from 'node:events'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { forkUtility } from '../stand-in/utility-process.ts'
import type { Frame, FromMain, Served, ToMain } from './messages.ts'
import { StandInSession } from './session.ts'

type Handler = (event: unknown, ...values: unknown[]) => unknown

const tell = (message: FromMain) => process.send?.(message)
const handlers = new Map<string, Handler>()
const schemes = new Map<string, (request: Request) => Response | Promise<Response>>()
let userData = ''
let lockFile: string | undefined

class App extends EventEmitter {
  #ready: () => void = () => undefined
  readonly #whenReady = new Promise<void>((resolve) => (this.#ready = resolve))

  whenReady(): Promise<void> {
    return this.#whenReady
  }

  /** Electron says it once the app's own module has been run to its end, and not before. */
  becomeReady(): void {
    this.#ready()
    this.emit('ready')
  }

  getPath(): string {
    return userData
  }

  setPath(_name: string, path: string): void {
    userData = path
    mkdirSync(path, { recursive: true })
  }

  requestSingleInstanceLock(): boolean {
    const file = join(userData, 'SingletonLock')
    try {
      closeSync(openSync(file, 'wx'))
      lockFile = file
      return true
    } catch {
      tell({ kind: 'refused' })
      return false
    }
  }

  quit(): void {
    let prevented = false
    this.emit('will-quit', { preventDefault: () => (prevented = true) })
    if (prevented) return
    if (lockFile) rmSync(lockFile)
    process.disconnect()
    process.exit(0)
  }
}

export const app = new App()

export const ipcMain = {
  handle: (channel: string, handler: Handler) => {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  },
  removeHandler: (channel: string) => void handlers.delete(channel),
}

export const utilityProcess = { fork: forkUtility }

export const protocol = {
  registerSchemesAsPrivileged: () => undefined,
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
    void schemes.set(scheme, handler),
}

class WebContents extends EventEmitter {
  readonly id: number
  readonly session = new StandInSession()
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  destroyed = false

  constructor(id: number) {
    super()
    this.id = id
  }

  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler
  }

  isDestroyed(): boolean {
    return this.destroyed
  }

  send(channel: string, ...values: unknown[]): void {
    tell({ kind: 'send', window: this.id, channel, values })
  }
}

const windows = new Map<number, BrowserWindow>()
let lastWindow = 0

export class BrowserWindow {
  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()]
  }

  readonly webContents = new WebContents((lastWindow += 1))
  readonly #preferences: { preload: string }

  constructor({ webPreferences }: { webPreferences: { preload: string } }) {
    this.#preferences = webPreferences
    windows.set(this.webContents.id, this)
  }

  loadURL(url: string): Promise<void> {
    const { preload, ...preferences } = this.#preferences
    tell({ kind: 'load', window: this.webContents.id, url, preload, preferences })
    return Promise.resolve()
  }

  isMinimized(): boolean {
    return false
  }

  focus(): void {
    // Nobody can see it here.
  }
}

interface MenuItem {
  readonly id?: string
  readonly click?: () => void
  readonly submenu?: readonly MenuItem[]
}
let menu: readonly MenuItem[] = []

export const Menu = {
  buildFromTemplate: (template: readonly MenuItem[]) => template,
  setApplicationMenu: (template: readonly MenuItem[]) => void (menu = template),
}

async function serve(url: string): Promise<Served> {
  const response = await schemes.get(new URL(url).protocol.slice(0, -1))?.(new Request(url))
  if (!response) throw new Error(`Nothing serves ${url}`)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  }
}

async function invoke(sender: WebContents, senderFrame: Frame | null, channel: string, values: unknown[]) {
  const handler = handlers.get(channel)
  if (!handler) throw new Error(`No handler registered for '${channel}'`)
  return handler({ sender, senderFrame }, ...values)
}

async function answer(call: number, work: () => unknown): Promise<void> {
  try {
    tell({ kind: 'answer', call, value: await work() })
  } catch (error) {
    tell({ kind: 'answer', call, error: String(error) })
  }
}

function mayDo({ what, url }: Extract<ToMain, { kind: 'may' }>, contents: WebContents): boolean {
  if (what === 'open') return contents.openHandler({ url }).action !== 'deny'
  let prevented = false
  contents.emit('will-navigate', { preventDefault: () => (prevented = true) }, url)
  return !prevented
}

function closed(contents: WebContents): void {
  contents.destroyed = true
  windows.delete(contents.id)
  contents.emit('destroyed')
  if (windows.size === 0) app.emit('window-all-closed')
}

process.on('message', (message: ToMain) => {
  const contents = 'window' in message ? windows.get(message.window)?.webContents : undefined
  switch (message.kind) {
    case 'fetch':
      return void answer(message.call, () => serve(message.url))
    case 'second-instance':
      return void app.emit('second-instance')
    case 'click':
      return menu
        .flatMap(({ submenu = [] }) => submenu)
        .find(({ id }) => id === message.item)
        ?.click?.()
    case 'quit':
      return app.quit()
  }
  if (!contents) return
  switch (message.kind) {
    case 'invoke':
      return void answer(message.call, () => invoke(contents, message.frame, message.channel, message.values))
    case 'may':
      return void answer(message.call, () => mayDo(message, contents))
    case 'navigating':
      return void contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url: message.url })
    case 'navigated':
      return void contents.emit('did-navigate', {}, message.url)
    case 'closed':
      return closed(contents)
  }
})
