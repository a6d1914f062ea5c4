import type { Component } from '../db/migration/component.ts'
import { doesNotOpen } from '../db/does-not-open.ts'
import type { Driver, DriverConnection, DriverCopies, StorageStatus } from '../db/driver.ts'
import type { LaunchEvent, LaunchListener, LaunchReport } from '../db/migration/launch-report.ts'
import { outcomeOf } from '../db/migration/refusal.ts'
import { Migrator } from '../db/migration/migrator.ts'
import type { MigrationOptions } from '../db/migration/migrator-types.ts'
import { DataLayerError, redactText } from '../errors/index.ts'
import { callListener, type Logger } from './logger.ts'
import { logLaunch } from './log-launch.ts'

/** Where a data layer is in its life. */
export type DataLayerStatus = 'idle' | 'opening' | 'migrating' | 'ready' | 'failed' | 'closed'

export interface LaunchOptions {
  /** Called with each thing that happens, from now on. */
  readonly onProgress?: LaunchListener | undefined
  /** Calls the launch off between two statements; what it did is undone. Of several calls the first one's counts. */
  readonly signal?: AbortSignal | undefined
}

export interface LauncherOptions {
  readonly driver: Driver
  readonly components: readonly Component[]
  readonly migrations: MigrationOptions
  readonly logger: Logger
  /** Called once when a launch has succeeded, before anybody else gets the connection. */
  readonly onReady: (connection: DriverConnection, report: LaunchReport) => void
}

/** Opens the driver, runs the migrations once, and knows how that went. */
export class Launcher {
  readonly #options: LauncherOptions
  readonly #progress = new Set<LaunchListener>()
  readonly #statusListeners = new Set<(status: DataLayerStatus) => void>()
  #status: DataLayerStatus = 'idle'
  #report: LaunchReport | null = null
  #launched: Promise<LaunchReport> | undefined
  #connection: DriverConnection | undefined
  #looking: Promise<unknown> = Promise.resolve()

  constructor(options: LauncherOptions) {
    this.#options = options
  }

  get status(): DataLayerStatus {
    return this.#status
  }

  get report(): LaunchReport | null {
    return this.#report
  }

  /** The connection while the database is launched and open. */
  get opened(): DriverConnection | undefined {
    return this.#connection
  }

  /** Where the launched database is kept; `null` before, after, and where the driver has nothing to say. */
  get storage(): StorageStatus | null {
    return this.#connection?.storage ?? null
  }

  onStatus(listener: (status: DataLayerStatus) => void): () => void {
    return add(this.#statusListeners, listener)
  }

  onProgress(listener: LaunchListener): () => void {
    return add(this.#progress, listener)
  }

  /** Launches, the first time; after that gives the same report. Never rejects. */
  launch({ onProgress, signal }: LaunchOptions = {}): Promise<LaunchReport> {
    if (this.#status === 'closed' && !this.#launched) {
      return Promise.resolve(failure(new DataLayerError('closed'), 0))
    }
    if (onProgress && !this.#report) this.onProgress(onProgress)
    this.#launched ??= this.#launch(signal)
    return this.#launched
  }

  /** The open, migrated connection. Rejects with the launch's error when there is none, and with `closed` after the end. */
  async connection(): Promise<DriverConnection> {
    const { error } = await this.launch()
    if (error) throw error
    if (!this.#connection) throw new DataLayerError('closed')
    return this.#connection
  }

  /**
   * Looks at the migrations: of the launched database, or of one opened for this alone, so that what a launch would do can
   * be seen before it is done, and what stands in its way after it was refused.
   */
  async migrations<T>(work: (migrator: Migrator) => Promise<T>): Promise<T> {
    return this.aside((connection) => work(this.#migrator(connection)))
  }

  /**
   * Works on the launched connection, or, where there is none, on one opened for this alone.
   *
   * @param unopened what to do instead with a database that does not open
   */
  async aside<T>(
    work: (connection: DriverConnection) => Promise<T>,
    unopened?: ((copies: DriverCopies) => Promise<T>) | undefined,
  ): Promise<T> {
    await this.#launched
    if (this.#connection) return work(this.#connection)
    const { driver } = this.#options
    if (this.#status === 'closed') throw new DataLayerError('closed')
    const looking = this.#looking.then(async () => {
      let connection: DriverConnection
      try {
        connection = await driver.open(this.#patience())
      } catch (error) {
        if (!unopened || !driver.copies || !doesNotOpen(error)) throw error
        return unopened(driver.copies)
      }
      return work(connection).finally(() => connection.close())
    })
    this.#looking = looking.catch(() => undefined)
    return looking
  }

  /** Lets a launch under way finish, then closes the connection. */
  async close(): Promise<void> {
    const before = this.#status
    if (before === 'closed') return
    if (!this.#launched) this.#setStatus('closed')
    await this.#looking
    await this.#launched
    const connection = this.#connection
    this.#connection = undefined
    this.#setStatus('closed')
    this.#statusListeners.clear()
    await connection?.close()
  }

  #patience(): Pick<MigrationOptions, 'lockTimeoutMs'> {
    const { lockTimeoutMs } = this.#options.migrations
    return lockTimeoutMs === undefined ? {} : { lockTimeoutMs }
  }

  async #launch(signal: AbortSignal | undefined): Promise<LaunchReport> {
    const started = performance.now()
    this.#setStatus('opening')
    await this.#looking
    let report: LaunchReport
    let connection: DriverConnection | undefined
    try {
      connection = await this.#options.driver.open(this.#patience())
      this.#setStatus('migrating')
      const onEvent = (event: LaunchEvent) => {
        for (const listener of [...this.#progress]) callListener(() => listener(event))
      }
      report = await this.#migrator(connection).launch({ onEvent, ...(signal ? { signal } : {}) })
    } catch (caught) {
      report = failure(asDataLayerError(caught), Math.round(performance.now() - started))
    }
    if (report.error) await connection?.close().catch((error: unknown) => this.#logCloseFault(error))
    else this.#connection = connection
    if (this.#connection) this.#options.onReady(this.#connection, report)
    this.#report = report
    this.#progress.clear()
    logLaunch(this.#options.logger, report)
    this.#setStatus(report.error ? 'failed' : 'ready')
    return report
  }

  #migrator(connection: DriverConnection): Migrator {
    const { driver, components, migrations } = this.#options
    return new Migrator({ driver, connection }, components, migrations)
  }

  #setStatus(status: DataLayerStatus): void {
    if (this.#status === status || this.#status === 'closed') return
    this.#status = status
    for (const listener of [...this.#statusListeners]) callListener(() => listener(status))
  }

  // The launch's own error is the one to report; this one comes after it.
  #logCloseFault(error: unknown): void {
    this.#options.logger.warn('The connection could not be closed.', { code: asDataLayerError(error).code })
  }
}

function add<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  const entry = (value: T) => listener(value)
  listeners.add(entry)
  return () => void listeners.delete(entry)
}

function failure(error: DataLayerError, durationMs: number): LaunchReport {
  const outcome = outcomeOf(error)
  return { outcome, applied: [], adopted: [], held: [], repairs: [], warnings: [], backup: null, durationMs, error }
}

function asDataLayerError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  const text = error instanceof Error ? redactText(error.message) : 'The driver failed without an error.'
  return new DataLayerError('storage-unavailable', text, { cause: error })
}
