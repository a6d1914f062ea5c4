import { createBirpc } from 'birpc'
import { answer, type Answer } from '../../../answer.ts'
import type { WebStorageOptions } from '../open-database.ts'
import { openDatabase } from '../open-database.ts'
import { notTaken, type Channel, type Mail, type OwnerFunctions, type TabFunctions } from './mail.ts'
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
  /** Told of every commit, whoever asked for it. */
  readonly changed: (tables: readonly string[], visitor: string) => void
}

/** How long a closing owner waits to be heard, in milliseconds: a tab that stands still hears of it by its lock. */
const patience = 300

interface Visit {
  readonly channel: Channel
  readonly rpc: ReturnType<typeof createBirpc<TabFunctions, OwnerFunctions>>
  readonly watch: AbortController
}

/** This tab, which has the database open: for itself and for the others. */
export class LocalOwner implements OwnerLink {
  readonly owner: string
  readonly report: StorageReport
  readonly #database: OwnedDatabase
  readonly #names: ReturnType<typeof tabNames>
  readonly #self: Visitor
  readonly #visits = new Map<Visitor, Visit>()
  #note: HeldLock | undefined
  readonly #answering = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined
  #afterClose: () => Promise<void> = () => Promise.resolve()

  private constructor({ tab, names }: LocalOwnerOptions, database: OwnedDatabase, report: StorageReport) {
    this.owner = tab
    this.#self = { name: tab }
    this.report = report
    this.#database = database
    this.#names = names
  }

  /** Opens the database. The caller holds the owner's lock. */
  static async open(options: LocalOwnerOptions): Promise<LocalOwner> {
    const { database, report } = await openDatabase(options.storage, options.changed)
    const owner = new LocalOwner(options, database, report)
    if (report.kind === 'memory') return owner
    options.mail.onNewTab((tab, channel) => owner.#serve(tab, channel))
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
      // Locks and messages go different ways, and what a worker has posted may end with it (WebKitGTK, 15 of 90 answers).
      const heard = [...this.#visits.values()].map(({ rpc }) => rpc.bye())
      await Promise.race([Promise.allSettled(heard), after(patience)])
      for (const { watch } of this.#visits.values()) watch.abort()
      await this.#note?.release()
      for (const { rpc } of this.#visits.values()) rpc.$close()
      this.#visits.clear()
      await this.#afterClose()
    }
  }

  #serve(tab: string, channel: Channel): void {
    const visitor = { name: tab }
    const functions: OwnerFunctions = {
      hello: (_protocol, visit) => {
        if (visit !== undefined) visitor.name = visit
        // What moved in did so for this tab's opening, not for theirs.
        return this.#closing ? notTaken : { value: { ...this.report, movedFrom: null } }
      },
      call: (call) => (this.#closing ? notTaken : this.#answer(visitor, call)) as never,
      leave: () => this.#dismiss(visitor),
    }
    const rpc = createBirpc<TabFunctions, OwnerFunctions>(functions, channel)
    const watch = new AbortController()
    this.#visits.set(visitor, { channel, rpc, watch })
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
    const visit = this.#visits.get(visitor)
    if (!visit) return
    this.#visits.delete(visitor)
    visit.watch.abort()
    visit.rpc.$close()
    visit.channel.close()
    void this.#database.endVisit(visitor)
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
