import { DataLayerError } from '../../../../errors/index.ts'
import { valueOf } from '../../../answer.ts'
import { notTaken, type Mail } from './mail.ts'
import { protocol, type tabNames } from './names.ts'
import type { Call, StorageReport } from './operations.ts'
import { OwnerGone, type OwnerLink } from './owner-link.ts'
import { holdLock, type HolderNote } from './web-locks.ts'

/** How long an owner may take to answer a tab that comes to it, in milliseconds. A long statement keeps it from answering. */
const patience = 15_000

/** Another tab, which has the database open and answers this one's calls. */
export class RemoteOwner implements OwnerLink {
  readonly owner: string
  readonly #rpc: ReturnType<Mail['toOwner']>
  readonly #watch = new AbortController()
  readonly #onGone: (owner: RemoteOwner) => void
  readonly #underWay = new Set<Promise<unknown>>()
  #report: StorageReport | undefined
  #gone = false

  private constructor(
    owner: string,
    mail: Mail,
    names: ReturnType<typeof tabNames>,
    onGone: (owner: RemoteOwner) => void,
  ) {
    this.owner = owner
    this.#onGone = onGone
    this.#rpc = mail.toOwner(owner, { bye: () => this.#end(true) })
    // Every tab holds its own lock for as long as it lives: whoever gets it knows that its tab does not.
    holdLock(names.tabLock(owner), { signal: this.#watch.signal })
      .then(async (lock) => {
        await lock?.release()
        this.#end(false)
      })
      .catch(() => undefined)
  }

  /**
   * Joins the owner that a note names.
   *
   * @param onGone called once when it stops being the owner
   * @throws {DataLayerError} `storage-in-use` when it is of a version that this tab cannot talk to, or does not answer
   * @throws {OwnerGone} when it has just let go
   */
  static async join(
    note: HolderNote,
    mail: Mail,
    names: ReturnType<typeof tabNames>,
    onGone: (owner: RemoteOwner) => void,
  ): Promise<RemoteOwner> {
    if (note.protocol !== protocol) throw inUse(note, 'Another version of this app has the database open.')
    const remote = new RemoteOwner(note.tab, mail, names, onGone)
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(inUse(note, 'The tab that has the database open does not answer.')), patience)
    })
    try {
      const answered = await Promise.race([remote.#rpc.hello(protocol), late])
      if (answered === notTaken) throw new OwnerGone(true)
      remote.#report = valueOf(answered)
      return remote
    } catch (error) {
      await remote.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  get report(): StorageReport {
    if (!this.#report) throw new OwnerGone(true)
    return this.#report
  }

  async call(call: Call): Promise<unknown> {
    if (this.#gone) throw new OwnerGone(true)
    const asked = this.#rpc.call(call)
    this.#underWay.add(asked)
    const answered = await asked.finally(() => this.#underWay.delete(asked))
    if (answered === notTaken) {
      this.#end(true)
      throw new OwnerGone(true)
    }
    return valueOf(answered)
  }

  /** Waits for the answers under way and stops listening; the owner ends what this tab has left open. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    if (!this.#gone) await this.#rpc.leave.asEvent()
    this.#gone = true
    this.#watch.abort()
    this.#rpc.$close(new OwnerGone(false))
  }

  #end(notBegun: boolean): void {
    if (this.#gone) return
    this.#gone = true
    this.#watch.abort()
    this.#rpc.$close(new OwnerGone(notBegun))
    this.#onGone(this)
  }
}

function inUse({ holder, since }: HolderNote, message: string): DataLayerError {
  return new DataLayerError('storage-in-use', message, { details: { holder, since } })
}
