import type { Driver } from 'selfsame'

/** Where the app keeps its database on this platform. */
export interface Home {
  /** For the user, as the end of «kept in …». */
  readonly place: string
  readonly driver: Driver
  /** Gives `work` an empty database of its own in the same kind of storage: the diagnostics must not touch the app's. */
  withScratchDriver(work: (driver: Driver) => Promise<void>): Promise<void>
  /** Deletes the database's content and its backups. No connection is open. */
  empty(): Promise<void>
}
