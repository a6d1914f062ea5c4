import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver } from '../../../driver.ts'
import { valueOf } from '../../../answer.ts'
import type { Call, HostEvent, OperationName } from '../calls/operations.ts'
import { remoteDriver, type Wire } from '../calls/remote-driver.ts'
import type { StoppableDriver } from '../host/stoppable-driver.ts'
import type { ThreadFunctions, ThreadOwnerFunctions } from './serve-driver.ts'

/** What is used of a Worker of node:worker_threads; declared here so that the types need none of Node's. */
export interface WorkerLike {
  postMessage(message: unknown): void
  // One signature for the overloads of Electron's and Node's own.
  // oxlint-disable-next-line typescript/no-explicit-any
  on(event: any, listener: (...values: any[]) => void): unknown
  terminate(): Promise<unknown>
}

/** What is used of a UtilityProcess of Electron's. */
export interface UtilityProcessLike extends Omit<WorkerLike, 'terminate'> {
  kill(): boolean
}

export interface ThreadDriverOptions {
  /** How long one statement may run, in milliseconds, before its thread is ended; ten minutes unless said. */
  readonly longestStatementMs?: number
}

/**
 * A driver whose database is in a utility process of Electron's, or in a worker thread, so that a long statement does not stop
 * main. It is started for the first call and ends with the last connection. One that dies, or is ended because a statement
 * runs too long, answers `outcome-unknown` to what it had begun; the next call starts another.
 *
 * Only a process can be ended while SQLite is inside of one statement: a thread goes on with it, keeps its locks, and keeps
 * the app from ending.
 *
 * @param start starts it with a script that calls `serveDriver`; what it rejects with, `open` does
 * @example
 * import { utilityProcess } from 'electron'
 *
 * const filename = 'app.sqlite'
 * threadDriver(() => utilityProcess.fork('database-process.mjs', [filename]))
 */
export function threadDriver(
  start: () => WorkerLike | UtilityProcessLike | Promise<WorkerLike | UtilityProcessLike>,
  { longestStatementMs = 10 * 60 * 1000 }: ThreadDriverOptions = {},
): Driver {
  let thread: Promise<Thread> | undefined
  const listeners: (() => void)[] = []
  let callOff: (() => void) | undefined
  const begin = async () => {
    const calledOff = new Promise<never>((_, reject) => {
      callOff = () => reject(new DataLayerError('closed'))
    })
    const starting = Promise.resolve().then(start)
    try {
      return new Thread(await Promise.race([starting, calledOff]), longestStatementMs, () => {
        for (const listener of listeners) listener()
      })
    } catch (error) {
      thread = undefined
      starting.then(end, () => undefined)
      throw error
    } finally {
      callOff = undefined
    }
  }
  const driver = remoteDriver('thread', async () => {
    for (;;) {
      const current = (thread ??= begin())
      const started = await current
      if (!started.ended) return started
      // Its locks are its own until then.
      await started.gone
      if (thread === current) thread = undefined
    }
  })
  const stoppable: StoppableDriver = {
    ...driver,
    onEnd: (listener) => void listeners.push(listener),
    stopIfStuck: async (withinMs) => (await thread?.catch(() => undefined))?.stopIfStuck(withinMs),
    stop: () => {
      callOff?.()
      void thread?.then((started) => started.stop()).catch(() => undefined)
    },
  }
  return stoppable
}

class Thread implements Wire {
  readonly #worker: WorkerLike | UtilityProcessLike
  readonly #rpc
  readonly #listeners = new Set<(event: HostEvent) => void>()
  /** Connections, locks and calls under way: without any the thread has nothing to do. */
  #uses = 0
  #calls = 0
  #started = false
  #watch: ReturnType<typeof setInterval> | undefined
  readonly #longestStatementMs: number
  ended = false
  /** Resolves when an ended process has gone; at once for a thread, of which nobody knows whether it ever does. */
  readonly gone: Promise<void>

  readonly #onEnd: () => void

  constructor(worker: WorkerLike | UtilityProcessLike, longestStatementMs: number, onEnd: () => void) {
    this.#worker = worker
    this.#onEnd = onEnd
    this.#longestStatementMs = longestStatementMs
    this.#rpc = createBirpc<ThreadFunctions, ThreadOwnerFunctions>(
      {
        tell: (event) => {
          for (const listener of [...this.#listeners]) listener(event)
        },
      },
      {
        post: (message) => worker.postMessage(message),
        on: (receive) => worker.on('message', receive),
        timeout: -1,
      },
    )
    let cause: unknown
    worker.on('error', (error: unknown) => (cause = error))
    const exited = new Promise<void>((resolve) => {
      worker.on('exit', (code: number) => {
        cause ??= new Error(`It ended with ${code}.`)
        this.#end(this.#started ? died(cause) : neverStarted(cause))
        resolve()
      })
    })
    this.gone = 'kill' in worker ? exited : Promise.resolve()
  }

  async call<Name extends OperationName>(name: Name, ...values: readonly unknown[]): Promise<never> {
    if (this.ended) throw new DataLayerError('closed', 'The database’s thread has ended; open the database again.')
    this.#uses += 1
    this.#calls += 1
    this.#watchOver()
    let kept = false
    try {
      const answered = await this.#rpc.call({ name, values } as unknown as Call)
      this.#started = true
      const value = valueOf(answered)
      kept = name === 'open' || name === 'lock'
      return value as never
    } finally {
      this.#calls -= 1
      if (name === 'close' || name === 'unlock') this.#uses -= 1
      if (!kept) this.#uses -= 1
      if (this.#uses <= 0) this.#end(new DataLayerError('closed'))
    }
  }

  listen(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  stop(): void {
    this.#end(
      this.#started
        ? new DataLayerError('outcome-unknown', 'The app has ended, and the database’s process or thread with it.')
        : new DataLayerError('closed'),
    )
  }

  /** A thread answers between two statements, however many calls wait in it: one that does not is inside of one. */
  async stopIfStuck(withinMs: number): Promise<void> {
    // One that is still being started is inside of no statement.
    if (this.ended || !this.#started) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), withinMs)
    })
    const stuck = await Promise.race([
      late,
      this.#rpc.ping().then(
        () => false,
        () => false,
      ),
    ])
    clearTimeout(timer)
    if (stuck)
      this.#end(new DataLayerError('outcome-unknown', 'A statement ran too long, and was ended with its thread.'))
  }

  #watchOver(): void {
    if (this.#watch) return
    let asking = false
    this.#watch = setInterval(
      () => {
        if (this.#calls === 0) {
          clearInterval(this.#watch)
          this.#watch = undefined
        } else if (!asking) {
          asking = true
          void this.stopIfStuck(this.#longestStatementMs).finally(() => (asking = false))
        }
      },
      Math.min(this.#longestStatementMs, 1000),
    )
  }

  #end(reason: DataLayerError): void {
    if (this.ended) return
    this.ended = true
    clearInterval(this.#watch)
    this.#listeners.clear()
    this.#rpc.$close(reason)
    this.#onEnd()
    end(this.#worker)
  }
}

function end(worker: WorkerLike | UtilityProcessLike): void {
  if ('kill' in worker) worker.kill()
  else void worker.terminate()
}

function died(cause: unknown): DataLayerError {
  return new DataLayerError('outcome-unknown', 'The process or thread of the database has died.', { cause })
}

/** Nothing was begun. A script that the app's bundler left out is the usual reason. */
function neverStarted(cause: unknown): DataLayerError {
  return new DataLayerError('storage-unavailable', 'The process or thread of the database did not start.', { cause })
}
