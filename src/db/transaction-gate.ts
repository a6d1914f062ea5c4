import { DataLayerError } from '../errors/index.ts'
import { createAsyncContext } from './async-context.ts'

/** How long a transaction may sit without a statement while somebody waits for it, in milliseconds. */
const longestIdle = 4000

interface OpenTransaction {
  readonly ended: Promise<void>
  /** How many calls it is waiting for: the connection, a lock, a long statement. None of that is idling. */
  running: number
  lastUsed: number
  open: boolean
}

/**
 * Keeps the calls of one `Database` out of its open transaction. A call made from inside the transaction's own callback
 * would wait for itself for ever; it is refused at once where the caller can be told apart, and after a while elsewhere.
 */
export class TransactionGate {
  readonly #context = createAsyncContext<OpenTransaction>()
  #current: OpenTransaction | undefined

  /** Runs `work` as soon as no transaction is open: at once, so that calls keep their order, or after the open one. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    this.mustBeOutside()
    while (this.#current) await this.#waitFor(this.#current)
    return work()
  }

  /** @throws {DataLayerError} `locked` inside the callback of the open transaction */
  mustBeOutside(): void {
    if (this.#context.current()?.open) throw nested()
  }

  /** Waits for its turn, then runs `body` as the one open transaction. It makes every call to the engine through `use`. */
  async hold<T>(body: (use: <R>(call: () => Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
    this.mustBeOutside()
    // Nothing is awaited between the last look and the taking: of several that waited for one transaction one goes on, and
    // a call made right after this one waits.
    while (this.#current) await this.#waitFor(this.#current)
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    const transaction: OpenTransaction = { ended, running: 0, lastUsed: Date.now(), open: true }
    this.#current = transaction
    const use = async <R>(call: () => Promise<R>): Promise<R> => {
      transaction.running += 1
      try {
        return await call()
      } finally {
        transaction.running -= 1
        transaction.lastUsed = Date.now()
      }
    }
    try {
      return await this.#context.run(transaction, () => body(use))
    } finally {
      transaction.open = false
      this.#current = undefined
      end()
    }
  }

  /** Runs `body` as nobody's child: listeners called from a commit must not count as being inside it. */
  outside<T>(body: () => T): T {
    return this.#context.exit(body)
  }

  async #waitFor(transaction: OpenTransaction): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const idle = new Promise<'idle'>((resolve) => {
      const look = () => {
        const left = transaction.running > 0 ? longestIdle : transaction.lastUsed + longestIdle - Date.now()
        if (left <= 0) resolve('idle')
        else timer = setTimeout(look, left)
      }
      look()
    })
    try {
      if ((await Promise.race([transaction.ended, idle])) === 'idle') throw nested()
    } finally {
      clearTimeout(timer)
    }
  }
}

function nested(): DataLayerError {
  return new DataLayerError(
    'locked',
    'A transaction is open and waits. Inside its callback use the tx it was given; a call on db would wait for itself.',
  )
}
