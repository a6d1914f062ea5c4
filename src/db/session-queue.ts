import { DataLayerError } from '../errors/index.ts'
import type { DriverSession, ResultSet, RunOptions } from './driver.ts'
import type { CheckedStatement } from './statement.ts'

type Run = (statements: readonly CheckedStatement[], options: RunOptions) => Promise<ResultSet[]>

/**
 * Puts the callers of one engine connection in a line: each batch is whole, and while a session is reserved only its own
 * statements run. Drivers give `run` and `reserve` from here; the engine below needs to know nothing of either.
 */
export class SessionQueue {
  readonly #execute: Run
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false

  /**
   * @param execute runs a batch on the engine, now
   */
  constructor(execute: Run) {
    this.#execute = execute
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions = {}): Promise<ResultSet[]> {
    return this.#inTurn(() => this.#execute(statements, options))
  }

  async reserve(): Promise<DriverSession> {
    let free!: () => void
    const released = new Promise<void>((resolve) => (free = resolve))
    await new Promise<void>((resolve, reject) => {
      this.#inTurn(() => {
        resolve()
        return released
      }).catch(reject)
    })
    // Inside a session the statements line up too: a caller may start two without waiting for the first.
    const inner = new SessionQueue(this.#execute)
    return {
      run: (statements, options) => inner.run(statements, options),
      release: async () => {
        await inner.close(async () => {
          await this.#execute([{ text: 'ROLLBACK', params: [] }], {}).catch(ignoreNoTransaction)
        }).finally(free)
      },
    }
  }

  /** Lets the calls made so far finish, runs `last` and refuses every call after it. A second close does nothing. */
  async close(last: () => Promise<void>): Promise<void> {
    if (this.#closed) return
    const done = this.#inTurn(last)
    this.#closed = true
    await done
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new DataLayerError('closed'))
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => undefined)
    return turn
  }
}

// There is no portable way to ask whether a transaction is open; asking SQLite to end it and reading its answer is one.
function ignoreNoTransaction(error: unknown): void {
  if (error instanceof DataLayerError && /no transaction is active/.test(error.message)) return
  throw error
}
