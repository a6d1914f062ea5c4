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
  on(event: 'message', listener: (value: unknown) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
}

export interface ThreadDriverOptions {
  /** How long one statement may run, in milliseconds, before its thread is ended; ten minutes unless said. */
  readonly longestStatementMs?: number
}

/**
 * A driver whose database is in a worker thread, so that a long statement does not stop main. The thread is started for the
 * first call and ends with the last connection. A thread that dies, or is ended because a statement runs too long, answers
 * `outcome-unknown` to what it had begun; the next call starts another.
 *
 * @param start starts the thread, whose script calls `serveDriver`; what it rejects with, `open` does
 * @example
 * import { Worker } from 'node:worker_threads'
 *
 * const filename = 'app.sqlite'
 * threadDriver(() => new Worker(new URL('./database-thread.js', import.meta.url), { workerData: { filename } }))
 */
export function threadDriver(
  start: () => WorkerLike | Promise<WorkerLike>,
  { longestStatementMs = 10 * 60 * 1000 }: ThreadDriverOptions = {},
): Driver {
  let thread: Promise<Thread> | undefined
  const begin = async () => {
    try {
      return new Thread(await start(), longestStatementMs)
    } catch (error) {
      thread = undefined
      throw error
    }
  }
  const driver = remoteDriver('thread', async () => {
    for (;;) {
      const current = (thread ??= begin())
      const started = await current
      if (!started.ended) return started
      if (thread === current) thread = undefined
    }
  })
  const stoppable: StoppableDriver = {
    ...driver,
    stopIfStuck: async (withinMs) => (await thread?.catch(() => undefined))?.stopIfStuck(withinMs),
  }
  return stoppable
}

class Thread implements Wire {
  readonly #worker: WorkerLike
  readonly #rpc
  readonly #listeners = new Set<(event: HostEvent) => void>()
  /** Connections, locks and calls under way: without any the thread has nothing to do. */
  #uses = 0
  #calls = 0
  #started = false
  #watch: ReturnType<typeof setInterval> | undefined
  readonly #longestStatementMs: number
  ended = false

  constructor(worker: WorkerLike, longestStatementMs: number) {
    this.#worker = worker
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
    worker.on('error', (error) => (cause = error))
    worker.on('exit', () => this.#end(this.#started ? died(cause) : neverStarted(cause)))
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
    void this.#worker.terminate()
  }
}

function died(cause: unknown): DataLayerError {
  return new DataLayerError('outcome-unknown', 'The database’s thread has died.', { cause })
}

/** Nothing was begun. A script that the app's bundler left out is the usual reason. */
function neverStarted(cause: unknown): DataLayerError {
  return new DataLayerError('storage-unavailable', 'The database’s thread did not start.', { cause })
}
