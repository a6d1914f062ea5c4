import { answer, type Answer } from '../../../answer.ts'
import type { WebStorageOptions } from '../open-database.ts'
import { openDatabase } from '../open-database.ts'
import { notTaken, type Mail } from './mail.ts'
import { protocol, type tabNames } from './names.ts'
import type { Call, StorageReport } from './operations.ts'
import type { OwnedDatabase, Visitor } from './owned-database.ts'
import { OwnerGone, type OwnerLink } from './owner-link.ts'
import { holdLock, holdNote, type HeldLock } from './web-locks.ts'

export interface LocalOwnerOptions {
  readonly tab: string
  readonly storage: WebStorageOptions
  readonly mail: Mail
  readonly names: ReturnType<typeof tabNames>
  /** Told of every commit, whichever tab asked for it. */
  readonly changed: (tables: readonly string[], tab: string) => void
}

/** This tab, which has the database open: for itself and for the others. */
export class LocalOwner implements OwnerLink {
  readonly owner: string
  readonly report: StorageReport
  readonly #database: OwnedDatabase
  readonly #mail: Mail
  readonly #names: ReturnType<typeof tabNames>
  readonly #self: Visitor
  readonly #tabs = new Map<string, { visitor: Visitor; rpc: ReturnType<Mail['toTab']>; watch: AbortController }>()
  #note: HeldLock | undefined
  readonly #answering = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined
  #afterClose: () => Promise<void> = () => Promise.resolve()

  private constructor({ tab, mail, names }: LocalOwnerOptions, database: OwnedDatabase, report: StorageReport) {
    this.owner = tab
    this.#self = { tab }
    this.report = report
    this.#database = database
    this.#mail = mail
    this.#names = names
  }

  /** Opens the database. The caller holds the owner's lock. */
  static async open(options: LocalOwnerOptions): Promise<LocalOwner> {
    const { database, report } = await openDatabase(options.storage, options.changed)
    const owner = new LocalOwner(options, database, report)
    if (report.kind === 'memory') return owner
    options.mail.onNewTab((tab) => owner.#serve(tab))
    owner.#note = await holdNote(options.names.ownerLock, {
      holder: `tab ${options.tab.slice(0, 8)}`,
      since: new Date().toISOString(),
      tab: options.tab,
      protocol,
    })
    return owner
  }

  async call(call: Call): Promise<unknown> {
    if (this.#closing) throw new OwnerGone(true)
    return this.#database.call(this.#self, call)
  }

  /** The names of its tables. */
  tables(): string[] {
    return this.#database.tables()
  }

  /** Calls `work` when the database is closed, however that went. */
  afterClose(work: () => Promise<void>): void {
    this.#afterClose = work
  }

  /** Answers what was begun, says good-bye, and closes the database. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.#database.close()
    } finally {
      await Promise.all(this.#answering)
      // An answer is posted some microtasks after it is known, and what is unanswered at the good-bye is asked again.
      await new Promise((resolve) => setTimeout(resolve))
      await Promise.all(
        [...this.#tabs].map(async ([, { rpc, watch }]) => {
          watch.abort()
          await rpc.bye.asEvent()
        }),
      )
      await this.#note?.release()
      for (const [, { rpc }] of this.#tabs) rpc.$close()
      this.#tabs.clear()
      await this.#afterClose()
    }
  }

  #serve(tab: string): void {
    const visitor = { tab }
    const rpc = this.#mail.toTab(tab, {
      // What moved in did so for this tab's opening, not for theirs.
      hello: () => (this.#closing ? notTaken : { value: { ...this.report, movedFrom: null } }),
      call: (call) => (this.#closing ? notTaken : this.#answer(visitor, call)) as never,
      leave: () => this.#dismiss(visitor),
    })
    const watch = new AbortController()
    this.#tabs.set(tab, { visitor, rpc, watch })
    holdLock(this.#names.tabLock(tab), { signal: watch.signal })
      .then(async (lock) => {
        await lock?.release()
        this.#dismiss(visitor)
      })
      .catch(() => undefined)
  }

  #answer(visitor: Visitor, call: Call): Promise<Answer | typeof notTaken> {
    let taken = true
    const work = () =>
      this.#database.call(visitor, call).catch((error: unknown) => {
        if (error instanceof OwnerGone) taken = false
        throw error
      })
    const answering = answer(work).then((answered) => (taken ? answered : notTaken))
    this.#answering.add(answering)
    return answering.finally(() => this.#answering.delete(answering))
  }

  #dismiss(visitor: Visitor): void {
    const { tab } = visitor
    const known = this.#tabs.get(tab)
    if (known?.visitor !== visitor) return
    this.#tabs.delete(tab)
    known.watch.abort()
    known.rpc.$close()
    this.#mail.forget(tab)
    void this.#database.endVisit(visitor)
  }
}
