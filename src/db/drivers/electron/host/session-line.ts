import { sessionHeld } from '../../../locked.ts'

/** How long a call waits for a session of somebody else's, in milliseconds, unless it says so itself: as a launch does. */
export const longestWait = 60_000

interface Waiting {
  readonly peer: string
  readonly waitMs: number | undefined
}

/**
 * Keeps calls from the engine while a session has it, in the order they came. One that has waited for its time is given up
 * here, where it has had no effect; the session goes on.
 */
export class SessionLine {
  #tail: Promise<void> = Promise.resolve()
  /** Sessions that have the engine or wait for it. */
  #sessions = 0
  #held: { readonly peer: string; readonly since: string } | undefined

  /** @throws {DataLayerError} `locked` after the time */
  async pass(waiting: Waiting): Promise<void> {
    if (this.#sessions > 0) await this.#until(this.#tail, waiting)
  }

  /**
   * Waits for the turn of a session.
   *
   * @returns what ends the turn
   * @throws {DataLayerError} `locked` after the time
   */
  async hold(waiting: Waiting): Promise<() => void> {
    const before = this.#tail
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    this.#sessions += 1
    this.#tail = before.then(() => ended)
    // One that gives up keeps its place, which is over when its turn comes.
    void this.#tail.then(() => (this.#sessions -= 1))
    try {
      await this.#until(before, waiting)
    } catch (error) {
      end()
      throw error
    }
    this.#held = { peer: waiting.peer, since: new Date().toISOString() }
    return end
  }

  async #until(turn: Promise<void>, { peer, waitMs = longestWait }: Waiting): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(() => resolve(true), waitMs)
    })
    const isLate = await Promise.race([turn.then(() => false), late])
    clearTimeout(timer)
    if (!isLate) return
    const { peer: holder, since } = this.#held ?? {}
    throw sessionHeld({ holder: holder === peer ? 'the caller itself' : 'another window', since: since ?? '' }, waitMs)
  }
}
