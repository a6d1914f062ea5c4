/** `session`: of the session that has the connection; `line`: waits for its turn; `aside`: works beside both, on the same thread. */
type Way = 'session' | 'line' | 'aside'

/** Knows whose statement the engine can be in: a session's before all others, and the others in the order they came. */
export class RunningCalls {
  readonly #calls = new Set<{ readonly peer: string; readonly way: Way }>()

  async during<T>(peer: string, way: Way, work: () => Promise<T>): Promise<T> {
    const call = { peer, way }
    this.#calls.add(call)
    try {
      return await work()
    } finally {
      this.#calls.delete(call)
    }
  }

  /** Whether an engine that does not answer is in a statement of this peer's, and of nobody else's. */
  areOf(peer: string): boolean {
    const calls = [...this.#calls]
    if (calls.some(({ way, peer: other }) => way === 'aside' && other !== peer)) return false
    const first = calls.find(({ way }) => way === 'session') ?? calls.find(({ way }) => way === 'line')
    return first?.peer === peer
  }
}
