import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver } from '../../../driver.ts'
import { callChannel } from '../bridge.ts'
import { answer } from '../../../answer.ts'
import { HostedDatabase } from '../host/hosted-database.ts'
import { checkMessage, usualLimits, type MessageLimits } from './check-message.ts'
import { allowedPages, checkSender } from './check-sender.ts'
import { EngineFunctions } from './engine-functions.ts'
import type { InvokeEventLike, IpcMainLike } from './electron-types.ts'
import { GuardedCopies } from './guarded-copies.ts'
import { Pages } from './pages.ts'
import { PendingCalls } from './pending-calls.ts'
import { identifierOf, malformed } from './plain-values.ts'
import { WriteAhead } from './write-ahead.ts'

/** What is needed of Electron's `app`, to close the databases before it ends. */
export interface AppLike {
  // oxlint-disable-next-line typescript/no-explicit-any
  on(event: any, listener: (event: any) => void): unknown
  quit(): void
}

export interface ElectronDatabaseOptions {
  /** The databases that windows may name, each with its driver: one in a process of its own, see `threadDriver`. */
  readonly databases: Readonly<Record<string, Driver>>
  /**
   * The pages that may use them, by URL: everything below `app://my-app/` or `file:///…/dist/`. Only a window's top frame
   * is heard.
   */
  readonly pages: readonly string[]
  /** Closes the databases when the app quits, and lets it quit then. */
  readonly app?: AppLike
  /** Directories beside the database's own that windows may name for copies. */
  readonly backupDirectories?: readonly string[]
  readonly limits?: Partial<MessageLimits>
  /** Told what went wrong where no window waits for the answer, and why a database cannot be opened: windows hear no cause. */
  readonly onError?: (error: unknown) => void
}

/** What the main process keeps of its databases. */
export interface ElectronDatabases {
  /**
   * Finishes what runs, rolls back what is open, closes every database and takes no more calls. A statement that runs for
   * 30 seconds more is ended. Never rejects: `onError` is told what went wrong.
   */
  close(): Promise<void>
}

interface Served {
  readonly database: HostedDatabase
  readonly copies: GuardedCopies
  readonly functions: EngineFunctions
}

/**
 * Serves databases to the app's windows, over one channel. Every message is checked: who sends it, its shape and size, the
 * database's name, each statement and value. Refused are ATTACH, extensions, VACUUM INTO, and PRAGMAs that reach beyond the
 * window's own work. A refusal is a coded error for the window; it never throws here.
 *
 * @throws {DataLayerError} `unsupported` for options that would let everybody in, or a driver that keeps nothing
 * @example
 * import { app, ipcMain, utilityProcess } from 'electron'
 *
 * const databases = registerElectronDatabase(ipcMain, {
 *   app,
 *   pages: ['app://my-app/'],
 *   databases: { app: threadDriver(() => utilityProcess.fork('database-process.mjs')) },
 * })
 */
export function registerElectronDatabase(ipcMain: IpcMainLike, options: ElectronDatabaseOptions): ElectronDatabases {
  const { app, backupDirectories = [], onError = () => undefined } = options
  const allowed = allowedPages(options.pages)
  const limits = { ...usualLimits, ...options.limits }
  const pending = new PendingCalls(limits)
  const served = new Map<string, Served>()
  const pages = new Pages((peer) => {
    for (const { database } of served.values()) database.endPeer(peer).catch(onError)
  }, onError)
  for (const [name, driver] of Object.entries(options.databases)) {
    served.set(identifierOf(name), serve(driver, pages, backupDirectories, onError))
  }

  let closing: Promise<void> | undefined
  ipcMain.handle(callChannel, (event: InvokeEventLike, ...values: unknown[]) =>
    answer(async () => {
      checkSender(event, allowed)
      if (values.length !== 1) throw malformed('a wrong number of values')
      const { page, database: name, ...call } = checkMessage(values[0], limits)
      const found = served.get(name)
      if (!found) throw new DataLayerError('unsupported', 'There is no database of this name.')
      if (closing) throw new DataLayerError('closed')
      const peer = pages.meet(event.sender, page)
      found.functions.check(call)
      try {
        return await pending.during(peer, call, () => found.copies.call(peer, call))
      } catch (error) {
        if (call.name === 'open' && error instanceof Error && error.cause !== undefined) onError(error)
        throw error
      }
    }),
  )
  const close = () => {
    closing ??= Promise.all([...served.values()].map(({ database }) => database.close().catch(onError))).then(() =>
      ipcMain.removeHandler(callChannel),
    )
    return closing
  }
  if (app) closeBeforeQuit(app, close, onError)
  return { close }
}

/** A launch needs one. */
const mostLocks = 10

function serve(
  driver: Driver,
  pages: Pages,
  backupDirectories: readonly string[],
  onError: (error: unknown) => void,
): Served {
  if (driver.dialect !== 'sqlite' || !driver.capabilities.durable)
    throw new DataLayerError('unsupported', 'Main serves SQLite databases that are kept in files.')
  const writeAhead = new WriteAhead(onError)
  const functions = new EngineFunctions()
  const database = new HostedDatabase({
    driver,
    opened: (connection) => functions.learn(connection),
    tell: (peer, event) => pages.tell(peer, event),
    written: (connection) => writeAhead.after(connection),
    replaced: () => writeAhead.forget(),
    mostLocks,
  })
  return { database, copies: new GuardedCopies(database, backupDirectories), functions }
}

/** Closing writes the WAL back into the file and removes it: what is left is one file, whole. */
function closeBeforeQuit(app: AppLike, close: () => Promise<void>, onError: (error: unknown) => void): void {
  let closed = false
  app.on('will-quit', (event: { preventDefault(): void }) => {
    if (closed) return
    event.preventDefault()
    void close()
      .catch(onError)
      .then(() => {
        closed = true
        app.quit()
      })
  })
}
