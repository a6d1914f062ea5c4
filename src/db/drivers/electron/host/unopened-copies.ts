import { DataLayerError } from '../../../../errors/index.ts'
import { doesNotOpen } from '../../../does-not-open.ts'
import type { Driver, DriverCopies } from '../../../driver.ts'

/** No peer can choose it. */
const id = 'without a connection'

/** How a peer gets and ends a connection. */
export interface Connecting {
  open(peer: string, id: string): Promise<unknown>
  close(peer: string, id: string): Promise<void>
}

/**
 * Copies for a peer that has no connection because the database does not open. Where it opens after all, another may be in
 * it, and a connection is used. One call after the other: none opens what another is about to replace.
 */
export class UnopenedCopies {
  readonly #driver: Driver
  readonly #connecting: Connecting
  #last: Promise<unknown> = Promise.resolve()

  constructor(driver: Driver, connecting: Connecting) {
    this.#driver = driver
    this.#connecting = connecting
  }

  /**
   * @param opened works on the connection with this id
   * @param unopened works where there can be none
   */
  use<T>(peer: string, opened: (id: string) => Promise<T>, unopened: (copies: DriverCopies) => Promise<T>): Promise<T> {
    const call = this.#last.then(async () => {
      const { copies } = this.#driver
      if (!copies) throw new DataLayerError('unsupported', 'This storage keeps no copies that need no connection.')
      try {
        await this.#connecting.open(peer, id)
      } catch (error) {
        if (doesNotOpen(error)) return unopened(copies)
        throw error
      }
      return opened(id).finally(() => this.#connecting.close(peer, id))
    })
    this.#last = call.catch(() => undefined)
    return call
  }

  /** Resolves when nothing is under way any more. */
  async done(): Promise<void> {
    await this.#last
  }
}
