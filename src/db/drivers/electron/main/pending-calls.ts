import { DataLayerError } from '../../../../errors/index.ts'
import type { OperationName } from '../calls/operations.ts'

/** What ends something: refused, it would stay open, and what waits for it would wait for ever. */
const ending: ReadonlySet<OperationName> = new Set(['close', 'release', 'unlock'])

/** Counts the calls of each page that are under way, and refuses more than a number of them. */
export class PendingCalls {
  readonly #most: number
  readonly #counts = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** @throws {DataLayerError} `unsupported` for one too many; it has had no effect */
  async during<T>(peer: string, name: OperationName, work: () => Promise<T>): Promise<T> {
    if (ending.has(name)) return work()
    // Of their own: calls that wait for a session to end must not keep it from being finished.
    const key = name === 'runInSession' ? `${peer} in a session` : peer
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#most)
      throw new DataLayerError('unsupported', `A window has at most ${this.#most} calls under way; wait for answers.`)
    this.#counts.set(key, count + 1)
    try {
      return await work()
    } finally {
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
  }
}
