import { DataLayerError } from '../../../../errors/index.ts'
import { endsTransaction, readsOnly, transactionAfter, type SureTransaction } from './call-effects.ts'
import type { Call } from './operations.ts'
import { lostSession, OwnerGone, type OwnerLink } from './owner-link.ts'

interface SessionState {
  /** Who had the database open when it was opened. It ends with that ownership. */
  readonly owner: string
  transaction: SureTransaction
}

/** Passes calls on to the owner, whoever that is, and decides what becomes of them when it goes. */
export class Caller {
  readonly #find: () => Promise<OwnerLink>
  readonly #sessions = new Map<string, SessionState>()
  #ending = false

  /** @param find answers the owner of now; rejects when there will be none */
  constructor(find: () => Promise<OwnerLink>) {
    this.#find = find
  }

  /**
   * @throws {DataLayerError} `outcome-unknown` when the owner died with a write in its hands; whatever the call itself does
   */
  async call(call: Call): Promise<unknown> {
    for (;;) {
      const link = await this.#find()
      const session = this.#sessionOf(call)
      if (session && session.owner !== link.owner) {
        if (call.name === 'release') return undefined
        throw lostSession()
      }
      try {
        const value = await link.call(call)
        if (call.name === 'reserve' && this.#ending) {
          await link.call({ name: 'release', values: call.values })
          throw new DataLayerError('closed')
        }
        this.#note(call, link.owner)
        return value
      } catch (error) {
        if (!(error instanceof OwnerGone)) {
          // A failure may have ended its transaction, or come after a COMMIT of the same call.
          if (session) session.transaction = 'none'
          throw error
        }
        if (call.name === 'release') return undefined
        if (session && (error.notBegun || (session.transaction !== 'none' && !endsTransaction(call))))
          throw lostSession()
        if (!error.notBegun && !readsOnly(call)) throw new DataLayerError('outcome-unknown')
      }
    }
  }

  /** Ends the sessions, those too whose turn comes later: calls made before may stand in line behind them. */
  async endSessions(): Promise<void> {
    this.#ending = true
    const ids = [...this.#sessions.keys()]
    await Promise.allSettled(ids.map((id) => this.call({ name: 'release', values: [id] })))
  }

  #sessionOf(call: Call): SessionState | undefined {
    if (call.name !== 'runInSession' && call.name !== 'release') return undefined
    return this.#sessions.get(call.values[0])
  }

  #note(call: Call, owner: string): void {
    if (call.name === 'reserve') this.#sessions.set(call.values[0], { owner, transaction: 'none' })
    else if (call.name === 'release') this.#sessions.delete(call.values[0])
    else if (call.name === 'runInSession') {
      const session = this.#sessions.get(call.values[0])
      if (session) session.transaction = transactionAfter(call.values[1], session.transaction)
    }
  }
}
