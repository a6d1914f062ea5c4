import { DataLayerError } from '../errors/index.ts'
import type { DriverSession, ResultSet, RunOptions } from './driver.ts'
import type { CheckedStatement } from './statement.ts'
import { transactionControl } from './transaction-control.ts'

type Run = (statements: readonly CheckedStatement[], options: RunOptions) => Promise<ResultSet[]>

/** What the queue needs of the engine below it. */
export interface QueuedEngine {
  /** Runs a batch on the engine, now. */
  readonly run: Run
  /** Whether a transaction is open. An engine that cannot tell leaves it out and is sent a ROLLBACK to be sure. */
  readonly inTransaction?: () => boolean
}

/**
 * Puts the callers of one engine connection in a line: each batch is whole, and while a session is reserved only its own
 * statements run. Drivers give `run` and `reserve` from here; the engine below needs to know nothing of either.
 */
export class SessionQueue {
  readonly #engine: QueuedEngine
  #tail: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(engine: QueuedEngine) {
    this.#engine = engine
  }

  /**
   * @throws {DataLayerError} `unsupported` for BEGIN, COMMIT and the like: the next caller's statements would be in it
   */
  async run(statements: readonly CheckedStatement[], options: RunOptions = {}): Promise<ResultSet[]> {
    refuseTransactionControl(statements)
    return this.alone(() => this.#engine.run(statements, options))
  }

  /** @throws {DataLayerError} `closed` once it is closing */
  mustBeOpen(): void {
    if (this.#closing) throw new DataLayerError('closed')
  }

  /** Waits for its turn, then runs `work` while nobody else's statements run. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new DataLayerError('closed'))
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async reserve(): Promise<DriverSession> {
    let free!: () => void
    const released = new Promise<void>((resolve) => (free = resolve))
    await new Promise<void>((resolve, reject) => {
      this.alone(() => {
        resolve()
        return released
      }).catch(reject)
    })
    // Inside a session the statements line up too: a caller may start two without waiting for the first.
    const inner = new SessionQueue(this.#engine)
    return {
      run: async (statements, options = {}) => {
        if (options.transaction) refuseTransactionControl(statements)
        return inner.alone(() => this.#engine.run(statements, options))
      },
      release: () => inner.close(() => this.#rollBack()).finally(free),
    }
  }

  /** Lets the calls made so far finish, runs `last` and refuses every call after it. A second close waits for the first. */
  close(last: () => Promise<void>): Promise<void> {
    this.#closing ??= this.alone(last)
    return this.#closing
  }

  async #rollBack(): Promise<void> {
    if (this.#engine.inTransaction && !this.#engine.inTransaction()) return
    await this.#engine.run([{ text: 'ROLLBACK', params: [] }], {}).catch(ignoreNoTransaction)
  }
}

function refuseTransactionControl(statements: readonly CheckedStatement[]): void {
  const index = statements.findIndex(({ text }) => transactionControl(text))
  if (index < 0) return
  throw new DataLayerError(
    'unsupported',
    'A transaction is opened and ended by transaction() or batch(), not by a statement.',
    {
      details: { statement: index },
    },
  )
}

// There is no portable way to ask whether a transaction is open; asking SQLite to end it and reading its answer is one.
function ignoreNoTransaction(error: unknown): void {
  if (error instanceof DataLayerError && /no transaction is active/.test(error.message)) return
  throw error
}
