import { DataLayerError } from '../../../../errors/index.ts'
import { LocalOwner, type LocalOwnerOptions } from './local-owner.ts'
import { News } from './news.ts'
import { OwnerGone, type OwnerLink } from './owner-link.ts'
import { RemoteOwner } from './remote-owner.ts'
import { holdLock, readNote, type HolderNote } from './web-locks.ts'

export interface OwnerFinderOptions extends Omit<LocalOwnerOptions, 'changed'> {
  /** Told of what other tabs' commits may have written. */
  readonly changed: (tables: readonly string[]) => void
}

/** How long a tab waits for an owner that has the lock and does not say who it is, in milliseconds. */
const patience = 20_000

/** Knows who owns the database: joins the owner, and stands in line to be the next. */
export class OwnerFinder {
  readonly #options: OwnerFinderOptions
  readonly #news: News
  readonly #waiting = new Set<PromiseWithResolvers<OwnerLink>>()
  #link: LocalOwner | RemoteOwner | undefined
  #candidacy: AbortController | undefined
  #opening: Promise<void> | undefined
  #seeking = false
  /** Whoever has said good-bye: until others have heard it its note stands, and asking for it would take long. */
  #leaving: HolderNote | undefined
  /** Whether this tab has been another's: then it may have missed news of its last commits. */
  #hadOwner = false

  constructor(options: OwnerFinderOptions) {
    this.#options = options
    this.#news = new News(options.names.newsChannel, (visitor) => this.#isOwn(visitor), options.changed)
  }

  /** The owner: at once when it is known, otherwise as soon as there is one. */
  find(): Promise<OwnerLink> {
    if (this.#link) return Promise.resolve(this.#link)
    const waiting = Promise.withResolvers<OwnerLink>()
    this.#waiting.add(waiting)
    this.#stand()
    this.#seek()
    return waiting.promise
  }

  /** Steps back from the database and from the line. Calls that wait, or come later, make it return. */
  async pause(): Promise<void> {
    this.#candidacy?.abort()
    this.#candidacy = undefined
    await this.#opening
    const link = this.#link
    this.#link = undefined
    await link?.close()
    if (this.#waiting.size > 0) this.#stand()
  }

  async end(): Promise<void> {
    this.#fail(new DataLayerError('closed'))
    await this.pause()
    this.#news.close()
  }

  /** Queues for the owner's lock, also while another tab has it. */
  #stand(): void {
    if (this.#candidacy) return
    const candidacy = new AbortController()
    this.#candidacy = candidacy
    holdLock(this.#options.names.ownerLock, { signal: candidacy.signal })
      .then(async (lock) => {
        if (!lock) return
        if (candidacy.signal.aborted) return lock.release()
        const opening = this.#open(() => lock.release())
        this.#opening = opening
        await opening
      })
      .catch((error: unknown) => {
        if (this.#candidacy === candidacy) this.#candidacy = undefined
        if (!candidacy.signal.aborted) this.#fail(error)
      })
      .finally(() => (this.#opening = undefined))
  }

  async #open(release: () => Promise<void>): Promise<void> {
    const { tab, changed } = this.#options
    try {
      const owner = await LocalOwner.open({
        ...this.#options,
        changed: (tables, origin) => {
          this.#news.tellChanged(tables, origin)
          if (origin !== tab) changed(tables)
        },
      })
      // Memory is nobody else's: the next in line gets its own.
      const isShared = owner.report.kind !== 'memory'
      const tables = isShared ? owner.tables() : []
      if (isShared) owner.afterClose(() => this.#tellAnd(release))
      else await release()
      const before = this.#link
      this.#take(owner)
      await before?.close()
      this.#news.tellOwner(tables)
      if (this.#hadOwner) changed(tables)
    } catch (error) {
      await release()
      throw error
    }
  }

  async #tellAnd(release: () => Promise<void>): Promise<void> {
    this.#news.tellNow()
    await release()
  }

  /** Looks who the owner is, until it is known to all who wait. */
  #seek(): void {
    if (this.#seeking) return
    this.#seeking = true
    this.#join()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#seeking = false))
  }

  async #join(): Promise<void> {
    const { mail, names, tab } = this.#options
    let silentSince = performance.now()
    for (let pause = 10; this.#waiting.size > 0; pause = Math.min(pause * 2, 200)) {
      const note = await readNote(names.ownerLock)
      const isLeaving = note?.tab === this.#leaving?.tab && note?.since === this.#leaving?.since
      if (note && note.tab !== tab && !isLeaving) {
        const owner = await RemoteOwner.join(note, mail, names, (gone) => this.#lose(gone, note)).catch(whenGone)
        if (owner && this.#link) return owner.close()
        if (owner) return this.#take(owner)
      } else if (this.#opening) silentSince = performance.now()
      if (performance.now() - silentSince > patience) {
        throw new DataLayerError('storage-in-use', 'Another owner holds the storage and does not say who it is.')
      }
      await this.#newsOr(pause)
    }
  }

  #take(link: LocalOwner | RemoteOwner): void {
    this.#link = link
    if (link instanceof RemoteOwner) this.#hadOwner = true
    for (const { resolve } of this.#waiting) resolve(link)
    this.#waiting.clear()
  }

  #isOwn(visitor: string): boolean {
    return this.#link instanceof RemoteOwner && this.#link.visit === visitor
  }

  #lose(link: RemoteOwner, note: HolderNote): void {
    if (link.saidGoodBye) this.#leaving = note
    if (this.#link === link) this.#link = undefined
  }

  /** For those who wait now; the next call tries again. */
  #fail(error: unknown): void {
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  #newsOr(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#news.onOwner = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function whenGone(error: unknown): undefined {
  if (error instanceof OwnerGone) return undefined
  throw error
}
