import type { Driver, DriverConnection } from '../../../driver.ts'

/** One connection for everybody who uses the database: opened for the first of them, closed after the last. */
export class SharedConnection {
  readonly #driver: Driver
  readonly #opened: (connection: DriverConnection) => void
  #connection: Promise<DriverConnection> | undefined
  #closing: Promise<void> = Promise.resolve()
  #users = 0

  /** @param opened told of every connection that is opened */
  constructor(driver: Driver, opened: (connection: DriverConnection) => void) {
    this.#driver = driver
    this.#opened = opened
  }

  async acquire(): Promise<DriverConnection> {
    this.#users += 1
    this.#connection ??= this.#closing.then(() => this.#open())
    try {
      return await this.#connection
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
      (open) => open.close(),
      () => undefined,
    )
    this.#closing = closed?.catch(() => undefined) ?? Promise.resolve()
    await closed
  }

  async #open(): Promise<DriverConnection> {
    const connection = await this.#driver.open()
    this.#opened(connection)
    return connection
  }
}
