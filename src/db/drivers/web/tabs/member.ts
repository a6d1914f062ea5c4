import { DataLayerError } from '../../../../errors/index.ts'
import type { WebStorageOptions } from '../open-database.ts'
import { Caller } from './caller.ts'
import { Mail } from './mail.ts'
import { tabNames } from './names.ts'
import type { Call, StorageReport } from './operations.ts'
import { OwnerFinder } from './owner-finder.ts'
import { holdLock, type HeldLock } from './web-locks.ts'

export interface MemberOptions {
  /** This member's name among the others; its page answers to it too. */
  readonly tab: string
  readonly storage: WebStorageOptions
  /** Asks the page for a way to the shared worker that passes ports from tab to tab, which comes by {@link Member.connect}. */
  readonly reachExchange: () => void
  /** Told of what other tabs' commits may have written. */
  readonly changed: (tables: readonly string[]) => void
  /** Called when this member holds its tab's lock: it lives until that is free. */
  readonly alive: () => void
}

/** One tab among those that have the same database: passes calls on to the owner, whoever that is. */
export class Member {
  readonly #mail: Mail
  readonly #finder: OwnerFinder
  readonly #tabLock: string
  readonly #caller: Caller
  readonly #alive: () => void
  #life: HeldLock | undefined
  #left = false

  constructor({ tab, storage, reachExchange, changed, alive }: MemberOptions) {
    this.#alive = alive
    const names = tabNames(storage.name)
    this.#tabLock = names.tabLock(tab)
    this.#mail = new Mail({ tab, channelName: names.mailChannel, reachExchange })
    this.#finder = new OwnerFinder({ tab, storage, mail: this.#mail, names, changed })
    this.#caller = new Caller(() => {
      if (this.#left) throw new DataLayerError('closed')
      return this.#finder.find()
    })
  }

  /** Finds the owner or becomes it. */
  async join(): Promise<StorageReport> {
    this.#life = await holdLock(this.#tabLock)
    this.#alive()
    return (await this.#finder.find()).report
  }

  connect(exchange: MessagePort | undefined): void {
    this.#mail.connect(exchange)
  }

  call(call: Call): Promise<unknown> {
    return this.#caller.call(call)
  }

  /** Lets go of the database and of what is open: the page is being left. The next call comes back. */
  pause(): Promise<void> {
    return this.#finder.pause()
  }

  async leave(): Promise<void> {
    if (this.#left) return
    const ended = this.#caller.endSessions()
    this.#left = true
    await ended
    await this.#finder.end()
    this.#mail.close()
    await this.#life?.release()
  }
}
