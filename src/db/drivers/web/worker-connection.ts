import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../errors/index.ts'
import { valueOf } from '../../answer.ts'
import type { DriverConnection, DriverSession, RunOptions } from '../../driver.ts'
import type { CheckedStatement } from '../../statement.ts'
import { followPage } from './page-life.ts'
import type { WebStorageOptions } from './open-database.ts'
import type { Call, ResultOf, StorageReport } from './tabs/operations.ts'
import { webStorage } from './web-storage.ts'
import type { PageFunctions, WorkerFunctions } from './worker.ts'

type ChangeListener = Parameters<NonNullable<DriverConnection['onChange']>>[0]

/** Opens a connection in a worker of its own. */
export async function openInWorker(
  worker: Worker,
  options: WebStorageOptions,
  persist: boolean,
): Promise<DriverConnection> {
  const listeners = new Set<ChangeListener>()
  const failed = workerFailure(worker)
  const rpc = createBirpc<WorkerFunctions, PageFunctions>(
    {
      changed: (tables) => {
        for (const listener of [...listeners]) listener({ tables })
      },
    },
    {
      post: (message) => worker.postMessage(message),
      on: (receive) => worker.addEventListener('message', ({ data }: MessageEvent) => receive(data)),
      timeout: -1,
    },
  )
  let closed = false
  const call = async <C extends Call>(it: C): Promise<ResultOf<C>> => {
    if (closed) throw new DataLayerError('closed')
    return valueOf(await rpc.call(it)) as ResultOf<C>
  }
  const end = () => {
    closed = true
    stopFollowing()
    listeners.clear()
    rpc.$close(new DataLayerError('closed'))
    worker.terminate()
  }
  const stopFollowing = followPage(() => void rpc.pause())
  let report: StorageReport
  try {
    report = valueOf(await Promise.race([rpc.join(options), failed]))
  } catch (error) {
    end()
    throw error
  }
  const storage = webStorage(report, persist)

  const run = async (statements: readonly CheckedStatement[], runOptions: RunOptions = {}) => {
    const results = await call({ name: 'run', values: [statements, runOptions] })
    if (results.some(({ tables }) => tables.length > 0)) storage.written()
    return results
  }
  const { kind } = report
  let closing: Promise<void> | undefined
  return {
    engine: 'web',
    storage: storage.status,
    run,
    reserve: () => reserve(call),
    export: () => call({ name: 'export', values: [] }),
    onChange: (listener) => {
      // A wrapper of its own, so that one function registered twice is called twice and stopped once.
      const entry: ChangeListener = (change) => listener(change)
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    ...(kind === 'memory' ? {} : { copies: copiesOf(call) }),
    close: () => {
      closing ??= rpc.leave().then(valueOf).finally(end)
      return closing
    },
  }
}

type Caller = <C extends Call>(call: C) => Promise<ResultOf<C>>

async function reserve(call: Caller): Promise<DriverSession> {
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

function copiesOf(call: Caller): NonNullable<DriverConnection['copies']> {
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

/** Rejects when the worker's script cannot be loaded: nothing else would ever answer. */
function workerFailure(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      reject(
        new DataLayerError(
          'storage-unavailable',
          "The database's worker could not be started: is its script served, and allowed by the CSP?",
        ),
      )
    })
  })
}
