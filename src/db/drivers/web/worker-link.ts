import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../errors/index.ts'
import { valueOf } from '../../answer.ts'
import type { WebStorageOptions } from './open-database.ts'
import { answerPings } from './page-life.ts'
import { tabNames } from './tabs/names.ts'
import type { Call, StorageReport } from './tabs/operations.ts'
import { OwnerGone, type OwnerLink } from './tabs/owner-link.ts'
import type { PageFunctions, WorkerFunctions } from './worker.ts'

export interface WorkerLinkOptions {
  readonly start: () => Worker
  readonly storage: WebStorageOptions
  /** Told of what other tabs' commits may have written. */
  readonly changed: (tables: readonly string[]) => void
}

/** The page's way to its worker, which is one of those that share the database. */
export class WorkerLink implements OwnerLink {
  readonly owner = crypto.randomUUID()
  readonly #worker: Worker
  readonly #rpc: ReturnType<typeof createBirpc<WorkerFunctions, PageFunctions>>
  readonly #stopAnswering: () => void
  #report: StorageReport | undefined
  #ended = false

  private constructor({ start, storage, changed }: WorkerLinkOptions) {
    const worker = start()
    this.#worker = worker
    this.#stopAnswering = answerPings(tabNames(storage.name).pageChannel(this.owner))
    this.#rpc = createBirpc<WorkerFunctions, PageFunctions>(
      { changed },
      {
        post: (message) => worker.postMessage(message),
        on: (receive) => worker.addEventListener('message', ({ data }: MessageEvent) => receive(data)),
        timeout: -1,
      },
    )
  }

  /** Starts a worker, which finds the database's owner or becomes it. */
  static async start(options: WorkerLinkOptions): Promise<WorkerLink> {
    const link = new WorkerLink(options)
    const failed = workerFailure(link.#worker)
    try {
      link.#report = valueOf(
        await Promise.race([link.#rpc.join({ tab: link.owner, storage: options.storage }), failed]),
      )
      return link
    } catch (error) {
      link.end(new DataLayerError('closed'))
      throw error
    }
  }

  get report(): StorageReport {
    if (!this.#report) throw new OwnerGone(true)
    return this.#report
  }

  async call(call: Call): Promise<unknown> {
    if (this.#ended) throw new OwnerGone(true)
    return valueOf(await this.#rpc.call(call))
  }

  get isEnded(): boolean {
    return this.#ended
  }

  /** Lets go of the database in good order; the worker stays. */
  async pause(): Promise<void> {
    if (!this.#ended) await this.#rpc.pause()
  }

  async leave(): Promise<void> {
    if (!this.#ended) valueOf(await this.#rpc.leave())
  }

  /** Ends the worker, and with it every lock and file it holds. Calls under way reject with `reason`. */
  end(reason: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#stopAnswering()
    this.#worker.terminate()
    this.#rpc.$close(reason)
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
