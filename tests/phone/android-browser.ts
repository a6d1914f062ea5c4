import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import type { BrowserContext, Page, Route } from 'playwright-core'
import { startAppProcess, type AppFolders, type AppProcess } from '../android-host/app-process.ts'

/** Where Capacitor's WebView shows an app on Android. */
const origin = 'https://localhost'
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

export interface ShownApp {
  readonly page: Page
  /** The plugin's methods in the order in which they were called. */
  readonly calls: string[]
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Shows the app in Chromium as its WebView would: its synced assets, the real bridge before them, the plugin's Java behind. */
export async function showAndroidApp(context: BrowserContext, folders: AppFolders): Promise<ShownApp> {
  const page = await context.newPage()
  const calls: string[] = []
  const app: AppProcess = await startAppProcess(folders, (message) => {
    // A page that was left takes no answers.
    page.evaluate(answer, message).catch(() => undefined)
  })
  await page.exposeFunction('postToNative', (message: string) => {
    calls.push(String((JSON.parse(message) as { methodName?: string }).methodName))
    app.post(message)
  })
  await page.addInitScript(installBridge)
  await page.addInitScript(app.script)
  await page.route(`${origin}/**`, (route) => serve(route, folders))
  await page.goto(`${origin}/`)
  return { page, calls, kill: app.kill, stop: app.stop }
}

type Window = typeof globalThis & {
  postToNative(message: string): void
  androidBridge: { postMessage(message: string): void; onmessage?(event: { data: string }): void }
}

function installBridge(): void {
  const window = globalThis as Window
  window.androidBridge = { postMessage: (message) => window.postToNative(message) }
}

function answer(message: string): void {
  const window = globalThis as Window
  window.androidBridge.onmessage?.({ data: message })
}

/** As WebViewLocalServer does it: the app's assets, and files of the app under `_capacitor_file_`. */
async function serve(route: Route, { assets, data }: AppFolders): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(route.request().url()).pathname))
  const asked = path.startsWith('/_capacitor_file_/') ? path.slice('/_capacitor_file_'.length) : undefined
  const file = asked ?? join(assets, 'public', path === '/' ? 'index.html' : path)
  if (asked !== undefined && !asked.startsWith(data + sep)) return route.fulfill({ status: 403 })
  const body = await readFile(file).catch(() => undefined)
  if (!body) return route.fulfill({ status: 404 })
  return route.fulfill({ body, contentType: types[extname(file)] ?? 'application/octet-stream' })
}
