import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver } from '../../../driver.ts'
import type { HostEvent } from '../calls/operations.ts'
import { ignoreDeath } from './ignore-death.ts'

interface HostedLock {
  readonly peer: string
  readonly acquired: Promise<() => Promise<void>>
  held: boolean
}

/** The launch locks that peers hold or wait for. */
export class HostedLocks {
  readonly #driver: Driver
  readonly #tell: (peer: string, event: HostEvent) => void
  readonly #most: number
  readonly #locks = new Map<string, HostedLock>()

  /** @param most how many one peer may hold or wait for: each that waits asks again and again */
  constructor(driver: Driver, tell: (peer: string, event: HostEvent) => void, most: number) {
    this.#driver = driver
    this.#tell = tell
    this.#most = most
  }

  owners(): HostedLock[] {
    return [...this.#locks.values()]
  }

  async acquire(peer: string, id: string, timeoutMs: number): Promise<void> {
    const key = `${peer} ${id}`
    if (this.#locks.has(key)) throw new DataLayerError('unsupported', 'A lock has this id already.')
    if (this.owners().filter((lock) => lock.peer === peer).length >= this.#most)
      throw new DataLayerError('unsupported', `A window has or awaits at most ${this.#most} launch locks.`)
    const acquired = this.#driver.acquireLaunchLock({
      timeoutMs,
      onWait: (holder) => this.#tell(peer, { kind: 'waiting', lock: id, holder }),
    })
    const lock: HostedLock = { peer, acquired, held: false }
    this.#locks.set(key, lock)
    try {
      await acquired
      lock.held = true
    } catch (error) {
      this.#locks.delete(key)
      throw error
    }
    if (!this.#locks.has(key)) throw new DataLayerError('closed')
  }

  async release(peer: string, id: string): Promise<void> {
    await this.#release(`${peer} ${id}`)
  }

  async endPeer(peer: string): Promise<void> {
    const own = [...this.#locks].filter(([, lock]) => lock.peer === peer)
    await Promise.all(own.map(([key]) => this.#release(key)))
  }

  async #release(key: string): Promise<void> {
    const lock = this.#locks.get(key)
    if (!lock) return
    this.#locks.delete(key)
    // One that is still waited for is let go as soon as it is had; when it is not had there is nothing to let go.
    const released = lock.acquired.then(
      (release) => release().catch(ignoreDeath),
      () => undefined,
    )
    if (lock.held) await released
  }
}
