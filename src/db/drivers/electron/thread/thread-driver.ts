import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver } from '../../../driver.ts'
import { valueOf } from '../../../answer.ts'
import type { Call, HostEvent, OperationName } from '../calls/operations.ts'
import { remoteDriver, type Wire } from '../calls/remote-driver.ts'
import type { ThreadFunctions, ThreadOwnerFunctions } from './serve-driver.ts'

/** What is used of a Worker of node:worker_threads; declared here so that the types need none of Node's. */
export interface WorkerLike {
  postMessage(message: unknown): void
  on(event: 'message', listener: (value: unknown) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
}

/**
 * A driver whose database is in a worker thread, so that a long statement does not stop main. The thread is started for the
 * first call and ends with the last connection. A thread that dies answers `outcome-unknown` to what it had begun.
 *
 * @param start starts the thread, whose script calls `serveDriver`; what it rejects with, `open` does
 * @example
 * import { Worker } from 'node:worker_threads'
 *
 * const filename = 'app.sqlite'
 * threadDriver(() => new Worker(new URL('./database-thread.js', import.meta.url), { workerData: { filename } }))
 */
export function threadDriver(start: () => WorkerLike | Promise<WorkerLike>): Driver {
  let thread: Promise<Thread> | undefined
  const begin = async () => {
    try {
      return new Thread(await start())
    } catch (error) {
      thread = undefined
      throw error
    }
  }
  return remoteDriver('thread', async () => {
    for (;;) {
      const current = (thread ??= begin())
      const started = await current
      if (!started.ended) return started
      if (thread === current) thread = undefined
    }
  })
}

class Thread implements Wire {
  readonly #worker: WorkerLike
  readonly #rpc
  readonly #listeners = new Set<(event: HostEvent) => void>()
  /** Connections, locks and calls under way: without any the thread has nothing to do. */
  #uses = 0
  ended = false

  constructor(worker: WorkerLike) {
    this.#worker = worker
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
    // Its own error would reach nobody; the calls under way are told by its exit.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#end(new DataLayerError('outcome-unknown', 'The database’s thread has died.')))
  }

  async call<Name extends OperationName>(name: Name, ...values: readonly unknown[]): Promise<never> {
    if (this.ended) throw new DataLayerError('closed', 'The database’s thread has ended; open the database again.')
    this.#uses += 1
    let kept = false
    try {
      const value = valueOf(await this.#rpc.call({ name, values } as unknown as Call))
      kept = name === 'open' || name === 'lock'
      return value as never
    } finally {
      if (name === 'close' || name === 'unlock') this.#uses -= 1
      if (!kept) this.#uses -= 1
      if (this.#uses <= 0) this.#end(new DataLayerError('closed'))
    }
  }

  listen(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #end(reason: DataLayerError): void {
    if (this.ended) return
    this.ended = true
    this.#listeners.clear()
    this.#rpc.$close(reason)
    void this.#worker.terminate()
  }
}
