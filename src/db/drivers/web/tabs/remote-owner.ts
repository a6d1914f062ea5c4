import { createBirpc } from 'birpc'
import { DataLayerError } from '../../../../errors/index.ts'
import { valueOf, type Answer } from '../../../answer.ts'
import { isAlive } from '../page-life.ts'
import { notTaken, type Channel, type Mail, type OwnerFunctions, type TabFunctions } from './mail.ts'
import { protocol, type tabNames } from './names.ts'
import type { Call, StorageReport } from './operations.ts'
import { OwnerGone, type OwnerLink } from './owner-link.ts'
import { holdLock, type HolderNote } from './web-locks.ts'

/** How long an owner may take to answer a tab that comes to it while its page runs, in milliseconds: a statement may take long. */
const patience = 15_000

/** How long the calls under way may go unanswered before it is looked whether the owner still runs, in milliseconds. */
const quiet = 3000

/** How long answers of an owner that is gone may be under way, in milliseconds. */
const lastWords = 50

/** Another tab, which has the database open and answers this one's calls. */
export class RemoteOwner implements OwnerLink {
  readonly owner: string
  /** Whether it has said that it lets go of the database; its note may still stand. */
  saidGoodBye = false
  /** What the owner calls this tab in the news. Another one each time: what it has written unheard of is news to it. */
  readonly visit = crypto.randomUUID()
  readonly #channel: Channel
  readonly #rpc: ReturnType<typeof createBirpc<OwnerFunctions, TabFunctions>>
  readonly #watch: AbortController
  readonly #onGone: (owner: RemoteOwner) => void
  readonly #pageChannel: string
  readonly #underWay = new Set<Promise<unknown>>()
  #watching = false
  #report: StorageReport | undefined
  #dead = false
  #gone = false
  readonly #ended = Promise.withResolvers<void>()

  private constructor(
    owner: string,
    channel: Channel,
    { watch, died }: Watched,
    names: ReturnType<typeof tabNames>,
    onGone: (owner: RemoteOwner) => void,
  ) {
    this.owner = owner
    this.#watch = watch
    this.#onGone = onGone
    this.#pageChannel = names.pageChannel(owner)
    this.#channel = channel
    const bye = () => {
      this.saidGoodBye = true
      this.#end(true)
    }
    this.#rpc = createBirpc<OwnerFunctions, TabFunctions>({ bye }, channel)
    died
      .then(async () => {
        this.#dead = true
        // A good-bye may be under way: locks and messages go different ways.
        if (this.#underWay.size > 0) await after(lastWords)
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
    const watched = watchTab(names.tabLock(note.tab))
    const way = mail.toOwner(note.tab)
    const channel = await Promise.race([way, watched.died])
    if (!channel) {
      void way.then((late) => late.close())
      throw new OwnerGone(true)
    }
    const remote = new RemoteOwner(note.tab, channel, watched, names, onGone)
    const hello = remote.#rpc.hello(protocol, remote.visit)
    try {
      const answered = await Promise.race([hello, remote.#givenUp(hello)])
      if (answered === silent) throw inUse(note, 'The tab that has the database open does not answer.')
      if (answered === notTaken) throw new OwnerGone(true)
      remote.#report = valueOf(answered)
      return remote
    } catch (error) {
      await remote.close()
      throw error
    }
  }

  get report(): StorageReport {
    if (!this.#report) throw new OwnerGone(true)
    return this.#report
  }

  async call(call: Call): Promise<unknown> {
    // Posted to the dead it would be called unknown.
    if (this.#dead) await this.#ended.promise
    if (this.#gone) throw new OwnerGone(true)
    const asked = this.#ask(call)
    this.#underWay.add(asked)
    void this.#watchWhileAsked()
    return valueOf(await asked.finally(() => this.#underWay.delete(asked)))
  }

  async #ask(call: Call): Promise<Answer> {
    const answered = await this.#rpc.call(call)
    if (answered !== notTaken) return answered
    // It is closing, and may still be at work on calls made before this one: what became of those it says first.
    await this.#ended.promise
    throw new OwnerGone(true)
  }

  /** Waits for the answers under way and stops listening; the owner ends what this tab has left open. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    if (!this.#gone) await this.#rpc.leave.asEvent()
    this.#gone = true
    this.#watch.abort()
    this.#rpc.$close(new OwnerGone(false))
    this.#channel.close()
    this.#ended.resolve()
  }

  /**
   * The system may stop an owner without ending it: its locks stay held, and its calls would never be answered. What a
   * stopped owner has open nobody else can have, so there is nothing to take over until it goes on or ends.
   */
  async #watchWhileAsked(): Promise<void> {
    if (this.#watching) return
    this.#watching = true
    try {
      while (this.#underWay.size > 0 && !this.#gone) {
        const answer = Promise.race(this.#underWay).then(yes, yes)
        if (await Promise.race([answer, after(quiet).then(() => false)])) continue
        // Its worker answers while it waits for somebody's transaction, its page while a statement takes long.
        const answersItself = this.#rpc.hello(protocol).then(yes, yes)
        if (await isAlive(this.#pageChannel, answersItself)) continue
        // Should it go on, it ends what this tab had left open.
        if (!this.#gone) await this.#rpc.leave.asEvent()
        this.#end(false)
      }
    } finally {
      this.#watching = false
    }
  }

  async #givenUp(answer: Promise<unknown>): Promise<typeof silent> {
    const isRunning = await isAlive(this.#pageChannel, answer.then(yes, yes))
    if (isRunning) await after(patience)
    return silent
  }

  #end(notBegun: boolean): void {
    if (this.#gone) return
    this.#gone = true
    this.#watch.abort()
    this.#rpc.$close(new OwnerGone(notBegun))
    // When the answer to a good-bye has been posted.
    setTimeout(() => this.#channel.close())
    this.#ended.resolve()
    this.#onGone(this)
  }
}

interface Watched {
  readonly watch: AbortController
  /** Resolves when the tab is no more; rejects when the watch ends. */
  readonly died: Promise<void>
}

/** Every tab holds its own lock for as long as it lives: whoever gets it knows that its tab does not. */
function watchTab(lockName: string): Watched {
  const watch = new AbortController()
  const died = holdLock(lockName, { signal: watch.signal }).then((lock) => lock?.release())
  died.catch(() => undefined)
  return { watch, died }
}

const silent = Symbol('silent')
const yes = () => true as const

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function inUse({ holder, since }: HolderNote, message: string): DataLayerError {
  return new DataLayerError('storage-in-use', message, { details: { holder, since } })
}
