import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { app, ipcMain } from 'electron'
import { registerElectronDatabase, threadDriver } from 'selfsame/electron/main'
import { desktopDatabase, scratchDatabases } from '../demo/desktop-names.ts'
import { logError } from './log-error.ts'
import { site } from './site.ts'

/** The app's database and those of the diagnostics, each a file under `userData` with a thread of its own. */
export function serveDatabases(): void {
  registerElectronDatabase(ipcMain, {
    app,
    pages: [site],
    onError: logError,
    databases: Object.fromEntries([desktopDatabase, ...scratchDatabases].map((name) => [name, inThread(name)])),
  })
}

function inThread(name: string) {
  const filename = join(app.getPath('userData'), `${name}.sqlite`)
  return threadDriver(() => new Worker(new URL('./database-thread.mjs', import.meta.url), { workerData: { filename } }))
}
