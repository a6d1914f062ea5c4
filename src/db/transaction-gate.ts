import { DataLayerError } from '../errors/index.ts'
import { createAsyncContext } from './async-context.ts'

/** How long a transaction may sit without a statement while somebody waits for it, in milliseconds. */
const longestIdle = 4000

interface OpenTransaction {
  readonly ended: Promise<void>
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

  /** Waits until no transaction is open. */
  async pass(): Promise<void> {
    if (this.#context.current()?.open) throw nested()
    while (this.#current) await this.#waitFor(this.#current)
  }

  /** Waits for its turn, then runs `body` as the one open transaction. `touch` says that it is alive. */
  async hold<T>(body: (touch: () => void) => Promise<T>): Promise<T> {
    await this.pass()
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    const transaction: OpenTransaction = { ended, lastUsed: Date.now(), open: true }
    this.#current = transaction
    try {
      return await this.#context.run(transaction, () => body(() => (transaction.lastUsed = Date.now())))
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
        const left = transaction.lastUsed + longestIdle - Date.now()
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
