import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../errors/index.ts'
import { valueOf } from '../../answer.ts'
import type { WebStorageOptions } from './open-database.ts'
import { answerPings } from './page-life.ts'
import { tabNames } from './tabs/names.ts'
import type { Call, StorageReport } from './tabs/operations.ts'
import { OwnerGone, type OwnerLink } from './tabs/owner-link.ts'
import { holdLock } from './tabs/web-locks.ts'
import type { PageFunctions, WorkerFunctions } from './worker.ts'

export interface WorkerLinkOptions {
  readonly start: () => Worker
  /** A new way to the shared worker that passes ports from tab to tab, where there is one. */
  readonly exchange: () => MessagePort | undefined
  readonly storage: WebStorageOptions
  /** Told of what other tabs' commits may have written. */
  readonly changed: (tables: readonly string[]) => void
}

/** How long a worker whose lock the page does not see may be silent, in milliseconds: it may be opening a large database. */
const patience = 20_000

/** The page's way to its worker, which is one of those that share the database. */
export class WorkerLink implements OwnerLink {
  readonly owner = crypto.randomUUID()
  readonly #worker: Worker
  readonly #rpc: ReturnType<typeof createBirpc<WorkerFunctions, PageFunctions>>
  readonly #storage: WebStorageOptions
  readonly #stopAnswering: () => void
  #joined: Promise<void> | undefined
  #report: StorageReport | undefined
  readonly #watch = new AbortController()
  #ended = false

  constructor({ start, storage, exchange, changed }: WorkerLinkOptions) {
    const worker = started(start)
    this.#worker = worker
    this.#storage = storage
    this.#stopAnswering = answerPings(tabNames(storage.name).pageChannel(this.owner))
    this.#rpc = createBirpc<WorkerFunctions, PageFunctions>(
      {
        changed,
        alive: () => void this.#watchWorker().catch(() => undefined),
        reachExchange: () => void this.#rpc.connect.asEvent(exchange()),
      },
      {
        post: (message: { a?: unknown[] }) =>
          worker.postMessage(message, message.a?.filter((value) => value instanceof MessagePort) ?? []),
        on: (receive) => worker.addEventListener('message', ({ data }: MessageEvent) => receive(data)),
        timeout: -1,
      },
    )
  }

  /** Lets the worker find the database's owner or become it. Asked again, it answers the same. */
  join(): Promise<void> {
    this.#joined ??= this.#join()
    return this.#joined
  }

  get isEnded(): boolean {
    return this.#ended
  }

  get report(): StorageReport {
    if (!this.#report || this.#ended) throw new OwnerGone(true)
    return this.#report
  }

  async call(call: Call): Promise<unknown> {
    if (this.#ended) throw new OwnerGone(true)
    return valueOf(await this.#rpc.call(call))
  }

  /** Lets go of the database in good order; the worker stays. */
  async pause(): Promise<void> {
    if (!this.#ended) await this.#rpc.pause()
  }

  async leave(): Promise<void> {
    this.#watch.abort()
    if (!this.#ended) valueOf(await this.#rpc.leave())
  }

  /** Ends the worker, and with it every lock and file it holds. Calls under way reject with `reason`. */
  end(reason: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#watch.abort()
    this.#stopAnswering()
    this.#worker.terminate()
    this.#rpc.$close(reason)
  }

  /** A browser that runs out of memory may end a worker and tell nobody: it holds its tab's lock for as long as it lives. */
  async #watchWorker(): Promise<void> {
    const name = tabNames(this.#storage.name).tabLock(this.owner)
    const free = await holdLock(name, { ifAvailable: true })
    await free?.release()
    if (free) {
      // Since the site's data was cleared, page and worker see different locks, and these say nothing; or it has just ended.
      const answer = this.#rpc.ping().catch(() => true as const)
      const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), patience))
      if (await Promise.race([answer, late])) return
    } else await (await holdLock(name, { signal: this.#watch.signal }))?.release()
    const inMemory = this.#report?.kind === 'memory'
    this.end(inMemory ? new DataLayerError('closed', 'The database was in memory, and is gone.') : new OwnerGone(false))
  }

  async #join(): Promise<void> {
    try {
      const report = this.#rpc.join({ tab: this.owner, storage: this.#storage })
      this.#report = valueOf(await Promise.race([report, workerFailure(this.#worker)]))
    } catch (error) {
      this.end(new DataLayerError('closed'))
      throw error
    }
  }
}

// Some browsers throw at once for a script of another origin, or one that the CSP forbids.
function started(start: () => Worker): Worker {
  try {
    return start()
  } catch (error) {
    throw notStarted(error)
  }
}

/** Rejects when the worker's script cannot be loaded: nothing else would ever answer. */
function workerFailure(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      reject(notStarted())
    })
  })
}

function notStarted(cause?: unknown): DataLayerError {
  return new DataLayerError(
    'storage-unavailable',
    "The database's worker could not be started: is its script served, and allowed by the CSP?",
    { cause },
  )
}
