import { Worker } from 'node:worker_threads'
import { electronDriver, type ElectronBridge } from '../../../src/db/drivers/electron/index.ts'
import {
  registerElectronDatabase,
  threadDriver,
  type ElectronDatabaseOptions,
  type ThreadDriverOptions,
} from '../../../src/db/drivers/electron/main/index.ts'
import { exposeElectronDatabase } from '../../../src/db/drivers/electron/preload/index.ts'
import type { Driver } from '../../../src/db/driver.ts'
import { forkUtility } from './utility-process.ts'
import { standInElectron, type StandInWindow } from './electron.ts'

export const pageAddress = 'app://selfsame/index.html'

/** A database in a process of its own, as an app's main process has it. */
export function inProcess(filename: string, options?: ThreadDriverOptions): Driver {
  const script = new URL('./database-process.ts', import.meta.url).pathname
  return threadDriver(() => forkUtility(script, [filename]), options)
}

/** The same in a thread. */
export function inThread(filename: string, options?: ThreadDriverOptions): Driver {
  return threadDriver(() => startThread('database-thread', { filename }), options)
}

/** The same for an encrypted one. */
export function inEncryptedThread(filename: string, key: string): Driver {
  return threadDriver(() => startThread('encrypted-thread', { filename, key }))
}

export function startThread(script: string, workerData: object): Worker {
  return new Worker(new URL(`./${script}.ts`, import.meta.url), {
    workerData,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
}

/** The driver that the page of a window has after its preload script has run. */
export function driverIn(window: StandInWindow, name = 'app'): Driver {
  exposeElectronDatabase(window.contextBridge, window.ipcRenderer)
  return electronDriver({ name, bridge: window.world['selfsameDatabase'] as ElectronBridge })
}

/** Main with one database, `app`, and windows that use it. */
export function desktopApp(driver: Driver, options: Partial<ElectronDatabaseOptions> = {}) {
  const { ipcMain, newWindow } = standInElectron()
  const databases = registerElectronDatabase(ipcMain, {
    databases: { app: driver },
    pages: ['app://selfsame/'],
    onError: (error) => {
      throw error
    },
    ...options,
  })
  const openWindow = () => {
    const window = newWindow(pageAddress)
    return { window, driver: driverIn(window) }
  }
  return { ...databases, openWindow }
}
