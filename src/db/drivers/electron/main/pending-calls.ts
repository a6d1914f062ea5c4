import { DataLayerError } from '../../../../errors/index.ts'
import type { Call, OperationName } from '../calls/operations.ts'
import { sizeOfCall, type MessageLimits } from './check-message.ts'

/** What ends something: refused, it would stay open, and what waits for it would wait for ever. */
const ending: ReadonlySet<OperationName> = new Set(['close', 'release', 'unlock'])

/** Counts the calls of each page that are under way and their bytes, and refuses more than a number of either. */
export class PendingCalls {
  readonly #limits: Pick<MessageLimits, 'pending' | 'pendingBytes'>
  readonly #pending = new Map<string, { calls: number; bytes: number }>()

  constructor(limits: Pick<MessageLimits, 'pending' | 'pendingBytes'>) {
    this.#limits = limits
  }

  /** @throws {DataLayerError} `unsupported` for one too many; it has had no effect */
  async during<T>(peer: string, call: Call, work: () => Promise<T>): Promise<T> {
    if (ending.has(call.name)) return work()
    // Of their own: calls that wait for a session to end must not keep it from being finished.
    const key = call.name === 'runInSession' ? `${peer} in a session` : peer
    const bytes = sizeOfCall(call)
    const own = this.#pending.get(key) ?? { calls: 0, bytes: 0 }
    const { pending, pendingBytes } = this.#limits
    if (own.calls >= pending)
      throw new DataLayerError('unsupported', `A window has at most ${pending} calls under way; wait for answers.`)
    if (own.bytes + bytes > pendingBytes)
      throw new DataLayerError('unsupported', `A window has at most ${pendingBytes} bytes under way; wait for answers.`)
    this.#pending.set(key, own)
    own.calls += 1
    own.bytes += bytes
    try {
      return await work()
    } finally {
      own.calls -= 1
      own.bytes -= bytes
      if (own.calls === 0) this.#pending.delete(key)
    }
  }
}
