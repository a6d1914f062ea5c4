// The main process of the reference app on the desktop.
import { join } from 'node:path'
import { app, Menu } from 'electron'
import { serveDatabases } from './databases.ts'
import { logError } from './log-error.ts'
import { declareScheme, serveSite } from './site.ts'
import { openWindow, showWindow } from './windows.ts'

declareScheme()
// Electron reads --user-data-dir itself; tests of a built app have a variable too, so that they meet no user's data.
const userData = process.env['SELFSAME_USER_DATA']
if (userData) app.setPath('userData', userData)

async function start(): Promise<void> {
  await app.whenReady()
  serveSite(join(import.meta.dirname, 'page'))
  serveDatabases()
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: 'File',
        submenu: [
          {
            id: 'new-window',
            label: 'New Window',
            accelerator: 'CmdOrCtrl+N',
            click: () => void openWindow().catch(logError),
          },
          { role: 'close' },
          { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      { role: 'viewMenu' },
      { role: 'windowMenu' },
    ]),
  )
  await openWindow()
  // macOS says it at the first launch too.
  app.on('activate', () => void showWindow().catch(logError))
}

// One process has the database: a second start shows the first one's window, and ends.
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => void showWindow().catch(logError))
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  // Not awaited: the app is not ready before this module has been run to its end.
  start().catch((error: unknown) => {
    logError(error)
    app.quit()
  })
} else {
  app.quit()
}
