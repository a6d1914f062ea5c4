import { DataLayerError } from '../../../../errors/index.ts'
import type { WebStorageOptions } from '../open-database.ts'
import { endsTransaction, readsOnly, transactionAfter } from './call-effects.ts'
import { Mail } from './mail.ts'
import { tabNames } from './names.ts'
import type { Call, StorageReport } from './operations.ts'
import { lostSession } from './owned-database.ts'
import { OwnerFinder } from './owner-finder.ts'
import { OwnerGone } from './owner-link.ts'
import { holdLock, type HeldLock } from './web-locks.ts'

interface SessionState {
  /** The tab in which it was opened. It ends with that tab's ownership. */
  readonly owner: string
  inTransaction: boolean
}

/** One tab among those that have the same database: passes calls on to the owner, whoever that is. */
export class Member {
  readonly #tab = crypto.randomUUID()
  readonly #mail: Mail
  readonly #finder: OwnerFinder
  readonly #tabLock: string
  readonly #sessions = new Map<string, SessionState>()
  #life: HeldLock | undefined
  #left = false

  /** @param changed told of what other tabs' commits may have written */
  constructor(storage: WebStorageOptions, changed: (tables: readonly string[]) => void) {
    const names = tabNames(storage.name)
    this.#tabLock = names.tabLock(this.#tab)
    this.#mail = new Mail(this.#tab, names.mailChannel)
    this.#finder = new OwnerFinder({ tab: this.#tab, storage, mail: this.#mail, names, changed })
  }

  /** Finds the owner or becomes it. */
  async join(): Promise<StorageReport> {
    this.#life = await holdLock(this.#tabLock)
    return (await this.#finder.find()).report
  }

  /**
   * @throws {DataLayerError} `outcome-unknown` when the owner died with a write in its hands; whatever the call itself does
   */
  async call(call: Call): Promise<unknown> {
    for (;;) {
      if (this.#left) throw new DataLayerError('closed')
      const link = await this.#finder.find()
      const session = this.#sessionOf(call)
      if (session && session.owner !== link.owner) {
        if (call.name === 'release') return undefined
        throw lostSession()
      }
      try {
        const value = await link.call(call)
        this.#note(call, link.owner)
        return value
      } catch (error) {
        if (!(error instanceof OwnerGone)) throw error
        if (call.name === 'release') return undefined
        if (session && (error.notBegun || (session.inTransaction && !endsTransaction(call)))) throw lostSession()
        if (!error.notBegun && !readsOnly(call)) throw new DataLayerError('outcome-unknown')
      }
    }
  }

  /** Lets go of the database and of what is open: the page is frozen or left. The next call comes back. */
  pause(): Promise<void> {
    return this.#finder.pause()
  }

  async leave(): Promise<void> {
    if (this.#left) return
    this.#left = true
    await this.#finder.end()
    this.#mail.close()
    await this.#life?.release()
  }

  #sessionOf(call: Call): SessionState | undefined {
    if (call.name !== 'runInSession' && call.name !== 'release') return undefined
    return this.#sessions.get(call.values[0])
  }

  #note(call: Call, owner: string): void {
    if (call.name === 'reserve') this.#sessions.set(call.values[0], { owner, inTransaction: false })
    else if (call.name === 'release') this.#sessions.delete(call.values[0])
    else if (call.name === 'runInSession') {
      const session = this.#sessions.get(call.values[0])
      if (session) session.inTransaction = transactionAfter(call.values[1], session.inTransaction)
    }
  }
}
