import type { DriverConnection } from '../../../driver.ts'

/** One connection as its opener sees it. */
export interface Client {
  readonly peer: string
  readonly id: string
  readonly connection: DriverConnection
  /** Each opener switches foreign keys for itself, though all use one connection. */
  foreignKeys: boolean
  readonly underWay: Set<Promise<unknown>>
  closing?: Promise<void>
}
