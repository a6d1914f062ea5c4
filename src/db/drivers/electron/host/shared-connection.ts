import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver, DriverConnection, DriverCopies } from '../../../driver.ts'
import type { Patience } from '../calls/operations.ts'
import { ignoreDeath } from './ignore-death.ts'

/**
 * One connection for everybody who uses the database: opened for the first of them, closed after the last, and opened again
 * when its engine has died under it. What was under way then is `outcome-unknown`; the next call is answered.
 */
export class SharedConnection {
  readonly #driver: Driver
  readonly #opened: (connection: DriverConnection) => void
  #connection: Promise<DriverConnection> | undefined
  #closing: Promise<void> = Promise.resolve()
  #users = 0
  #face: DriverConnection | undefined

  /** @param opened told of every connection that is opened */
  constructor(driver: Driver, opened: (connection: DriverConnection) => void) {
    this.#driver = driver
    this.#opened = opened
  }

  async acquire(options: Patience): Promise<DriverConnection> {
    this.#users += 1
    this.#connection ??= this.#closing.then(() => this.#open(options))
    try {
      const opened = await this.#connection
      return (this.#face ??= this.#lasting(opened))
    } catch (error) {
      await this.release()
      throw error
    }
  }

  async release(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    const connection = this.#connection
    this.#connection = undefined
    const closed = connection?.then(
      (open) => open.close().catch(ignoreDeath),
      () => undefined,
    )
    this.#closing = closed?.catch(() => undefined) ?? Promise.resolve()
    await closed
  }

  async #open(options?: Patience): Promise<DriverConnection> {
    const connection = await this.#driver.open(options)
    this.#opened(connection)
    return connection
  }

  /** The connection as it is now, whichever that is. */
  #lasting(first: DriverConnection): DriverConnection {
    const { engine, storage, copies } = first
    return {
      engine,
      ...(storage ? { storage } : {}),
      run: (statements, options) => this.#use((connection) => connection.run(statements, options)),
      reserve: (options) => this.#use((connection) => connection.reserve(options)),
      export: () => this.#use((connection) => connection.export()),
      ...(copies ? { copies: this.#lastingCopies() } : {}),
      close: () => this.release(),
    }
  }

  #lastingCopies(): DriverCopies {
    const use = <T>(work: (copies: DriverCopies) => Promise<T>) =>
      this.#use(async ({ copies }) => {
        if (!copies) throw new DataLayerError('unsupported', 'This storage keeps no copies.')
        return work(copies)
      })
    return {
      write: (where) => use((copies) => copies.write(where)),
      list: (where) => use((copies) => copies.list(where)),
      remove: (location) => use((copies) => copies.remove(location)),
      restore: (location, options) => use((copies) => copies.restore(location, options)),
    }
  }

  async #use<T>(work: (connection: DriverConnection) => Promise<T>, again = true): Promise<T> {
    if (this.#users === 0) throw new DataLayerError('closed')
    const used = (this.#connection ??= this.#closing.then(() => this.#open()))
    try {
      return await work(await used)
    } catch (error) {
      // Not `outcome-unknown`: an engine that lives says so of a write whose answer is too large. Of one that has died, the
      // next call finds the connection closed.
      const closed = error instanceof DataLayerError && error.code === 'closed'
      if ((closed || (await hasFailed(used))) && this.#connection === used) this.#connection = undefined
      // An engine that was dead already has not begun it.
      if (closed && again) return this.#use(work, false)
      throw error
    }
  }
}

function hasFailed(opening: Promise<unknown>): Promise<boolean> {
  return opening.then(
    () => false,
    () => true,
  )
}
