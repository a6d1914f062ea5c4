import type { Database } from '../db/database.ts'
import { readActiveIdentity } from './active-identity-statements.ts'
import { callListener, type Logger } from './logger.ts'

export type ActiveDidListener = (activeDid: string | null) => void

/**
 * The last known active DID, kept current without asking more often than needed: what the services read and write anyway
 * passes by here, and only a change that somebody else made costs a query. Nothing is asked before somebody is interested.
 */
export class ActiveDid {
  readonly #db: Database
  readonly #logger: Logger
  readonly #listeners = new Set<ActiveDidListener>()
  #value: string | null = null
  #started = false
  #ended = false
  #changesSeen = 0
  #stale = false

  constructor(db: Database, logger: Logger) {
    this.#db = db
    this.#logger = logger
    db.onChange(({ tables }) => {
      const concerned = tables.some((table) => watchedTables.has(table.toLowerCase()))
      if (concerned) this.#changed()
    })
  }

  /** `null` also while it is not known yet: the first look starts finding out. */
  get value(): string | null {
    this.start()
    return this.#value
  }

  /** Calls `listener` with every new value. Returns the function that ends it. */
  onChange(listener: ActiveDidListener): () => void {
    this.start()
    const entry: ActiveDidListener = (value) => listener(value)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  /** From now on the value is found out and kept current. */
  start(): void {
    if (this.#started || this.#ended) return
    this.#started = true
    void this.refresh()
  }

  /** Takes the value that a read has just brought. */
  observe(value: string | null): void {
    if (this.#ended || value === this.#value) return
    this.#value = value
    for (const listener of [...this.#listeners]) callListener(() => listener(value))
  }

  /**
   * Runs a write of the services' own and takes over what it set, so that it needs no read after it.
   *
   * @param valueOf the active DID the write left; `undefined` when it did not touch it
   */
  async write<T>(run: () => Promise<T>, valueOf: (result: T) => string | null | undefined): Promise<T> {
    const seenBefore = this.#changesSeen
    const staleBefore = this.#stale
    const result = await run()
    const value = valueOf(result)
    if (value !== undefined) this.observe(value)
    // Exactly one change since then is this write's own. More than one: somebody else wrote too, so the read stays due.
    if (this.#changesSeen === seenBefore + 1) this.#stale = value === undefined && staleBefore
    return result
  }

  /** Reads the value. A fault leaves the last known one and is logged: there is no caller to throw to. */
  async refresh(): Promise<void> {
    this.#stale = false
    try {
      this.observe((await readActiveIdentity(this.#db)).activeDid)
    } catch (error) {
      if (!this.#ended) this.#logger.warn('The active DID could not be read.', { code: codeOf(error) })
    }
  }

  end(): void {
    this.#ended = true
    this.#listeners.clear()
  }

  #changed(): void {
    this.#changesSeen += 1
    if (!this.#started || this.#ended || this.#stale) return
    this.#stale = true
    // After the writer's own continuation, which may bring the value along.
    setTimeout(() => {
      if (this.#stale && !this.#ended) void this.refresh()
    })
  }
}

const watchedTables: ReadonlySet<string> = new Set(['active_identity', 'accounts'])

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
