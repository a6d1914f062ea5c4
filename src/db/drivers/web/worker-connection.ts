import { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection, DriverSession, ResultSet, RunOptions } from '../../driver.ts'
import type { CheckedStatement } from '../../statement.ts'
import { followPage } from './page-life.ts'
import { Caller } from './tabs/caller.ts'
import type { Call, ResultOf } from './tabs/operations.ts'
import { OwnerGone } from './tabs/owner-link.ts'
import { webStorage } from './web-storage.ts'
import { WorkerLink, type WorkerLinkOptions } from './worker-link.ts'

/** How many workers may end one after the other while they open the database. */
const maximumEnds = 4

type ChangeListener = Parameters<NonNullable<DriverConnection['onChange']>>[0]

/** Opens a connection in a worker of its own. */
export async function openInWorker(
  options: Omit<WorkerLinkOptions, 'changed'>,
  persist: boolean,
): Promise<DriverConnection> {
  const listeners = new Set<ChangeListener>()
  const changed = (tables: readonly string[]) => {
    for (const listener of [...listeners]) listener({ tables })
  }
  let link: WorkerLink | undefined
  let asleep: PromiseWithResolvers<void> | undefined
  let closed = false
  let inMemory = false
  let written: () => void = () => undefined

  const find = async (): Promise<WorkerLink> => {
    for (let ends = 0; ;) {
      await asleep?.promise
      if (closed || (inMemory && link?.isEnded)) throw new DataLayerError('closed')
      if (link?.isEnded) link = undefined
      const found = (link ??= new WorkerLink({ ...options, changed }))
      try {
        await found.join()
        if (link === found) return found
      } catch (error) {
        if (link === found) link = undefined
        // It was ended because the page fell asleep, or by the browser; one that does so each time would do it for ever.
        if (!(error instanceof OwnerGone)) throw error
        if (!asleep) ends += 1
        if (ends === maximumEnds) throw new DataLayerError('storage-unavailable', 'The worker ends while it opens.')
      }
    }
  }
  const caller = new Caller(find)
  const ask: Ask = async (call) => {
    if (closed) throw new DataLayerError('closed')
    const result = (await caller.call(call)) as never
    if (mayHaveWritten(call, result)) written()
    return result
  }
  const stopFollowing = followPage({
    leave: () => void link?.pause(),
    // A frozen worker cannot let go of anything: it ends, and a new one comes when the page goes on.
    sleep: () => {
      if (asleep || inMemory) return
      asleep = Promise.withResolvers()
      link?.end(new OwnerGone(false))
      link = undefined
    },
    wake: () => {
      if (!asleep) return
      asleep.resolve()
      asleep = undefined
      // What other tabs wrote meanwhile was not heard of. What fails here, the next call says.
      allTables(ask).then(changed, () => undefined)
    },
  })
  const { report } = await find().catch((error: unknown) => {
    stopFollowing()
    throw error
  })
  inMemory = report.kind === 'memory'
  const storage = webStorage(report, persist)
  written = storage.written

  const run = (statements: readonly CheckedStatement[], runOptions: RunOptions = {}) =>
    ask({ name: 'run', values: [statements, runOptions] })
  let closing: Promise<void> | undefined
  const close = async () => {
    // By the same way as the calls made before it, which it must not overtake.
    const last = link && (await find().catch(() => undefined))
    try {
      await last?.leave()
    } finally {
      closed = true
      stopFollowing()
      listeners.clear()
      last?.end(new DataLayerError('closed'))
      asleep?.resolve()
    }
  }
  return {
    engine: 'web',
    storage: storage.status,
    run,
    reserve: () => reserve(ask),
    export: () => ask({ name: 'export', values: [] }),
    onChange: (listener) => {
      // A wrapper of its own, so that one function registered twice is called twice and stopped once.
      const entry: ChangeListener = (change) => listener(change)
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    ...(inMemory ? {} : { copies: copiesOf(ask) }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

async function allTables(ask: Ask): Promise<string[]> {
  const text = `SELECT name FROM sqlite_schema WHERE type = 'table'`
  const [names] = await ask({ name: 'run', values: [[{ text, params: [] }], {}] })
  return (names?.rows ?? []).map(([name]) => String(name))
}

function mayHaveWritten({ name }: Call, result: unknown): boolean {
  if (name === 'import' || name === 'restoreCopy') return true
  const isRun = name === 'run' || name === 'runInSession'
  return isRun && (result as ResultSet[]).some(({ tables }) => tables.length > 0)
}

type Ask = <C extends Call>(call: C) => Promise<ResultOf<C>>

async function reserve(call: Ask): Promise<DriverSession> {
  const id = crypto.randomUUID()
  await call({ name: 'reserve', values: [id] })
  let released: Promise<void> | undefined
  return {
    run: async (statements, options = {}) => {
      if (released) throw new DataLayerError('closed')
      return call({ name: 'runInSession', values: [id, statements, options] })
    },
    release: () => {
      released ??= call({ name: 'release', values: [id] })
      return released
    },
  }
}

function copiesOf(call: Ask): NonNullable<DriverConnection['copies']> {
  const noDirectory = (directory: string | undefined) => {
    if (directory !== undefined)
      throw new DataLayerError('unsupported', 'A browser has no directories to keep copies in.')
  }
  return {
    write: async ({ directory, location }) => {
      noDirectory(directory)
      return call({ name: 'writeCopy', values: [location] })
    },
    list: async ({ directory }) => {
      noDirectory(directory)
      return call({ name: 'listCopies', values: [] })
    },
    remove: (location) => call({ name: 'removeCopy', values: [location] }),
    restore: (location, options = {}) => call({ name: 'restoreCopy', values: [location, options] }),
    import: (image, options = {}) => call({ name: 'import', values: [image, options] }),
  }
}
