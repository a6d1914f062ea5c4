import { join } from 'node:path'
import { app, ipcMain, utilityProcess } from 'electron'
import { registerElectronDatabase, threadDriver } from 'selfsame/electron/main'
import { desktopDatabase, scratchDatabases } from '../demo/desktop-names.ts'
import { logError } from './log-error.ts'
import { site } from './site.ts'

/** The app's database and those of the diagnostics, each a file under `userData` with a process of its own. */
export function serveDatabases(): void {
  registerElectronDatabase(ipcMain, {
    app,
    pages: [site],
    onError: logError,
    databases: Object.fromEntries([desktopDatabase, ...scratchDatabases].map((name) => [name, inProcess(name)])),
  })
}

function inProcess(name: string) {
  const filename = join(app.getPath('userData'), `${name}.sqlite`)
  const script = join(import.meta.dirname, 'database-process.mjs')
  return threadDriver(() => utilityProcess.fork(script, [filename], { serviceName: 'Selfsame database' }))
}
