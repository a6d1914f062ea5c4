import { join } from 'node:path'
import { BrowserWindow } from 'electron'
import { site } from './site.ts'

/** Opens a window on the app's page. What the page can reach is what the preload script shows it. */
export async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1120,
    height: 925,
    title: 'Selfsame',
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  })
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  const stayHere = (event: { preventDefault(): void }, url: string) => {
    if (!url.startsWith(site)) event.preventDefault()
  }
  webContents.on('will-navigate', stayHere)
  webContents.on('will-redirect', stayHere)
  webContents.on('will-attach-webview', (event: { preventDefault(): void }) => event.preventDefault())
  webContents.session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  // What is only looked up, such as the clipboard or notifications, asks no handler of requests.
  webContents.session.setPermissionCheckHandler(() => false)
  await window.loadURL(`${site}index.html`)
}

/** Brings the app to the front, for somebody who started it once more. */
export async function showWindow(): Promise<void> {
  const [window] = BrowserWindow.getAllWindows()
  if (!window) return openWindow()
  if (window.isMinimized()) window.restore()
  window.focus()
}
