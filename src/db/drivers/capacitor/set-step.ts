import type { ResultSet } from '../../driver.ts'
import type { BoundStatement } from './bound-values.ts'
import type { Effects } from './effects.ts'
import type { PluginRow } from './plugin.ts'

/** A read, and what to make of its rows. */
export interface PreparedRead {
  readonly bound: BoundStatement
  take(rows: readonly PluginRow[]): ResultSet
}

export interface PreparedWrite {
  readonly bound: BoundStatement
  readonly effects: Effects
}

/** A statement of a set. */
export type SetStep = PreparedRead | PreparedWrite

/** SQLite's counters at one moment. `total` counts what the set's own bookkeeping wrote out. */
export interface Counts {
  readonly changes: number
  readonly total: number
  /** The rowid inserted last, as digits. */
  readonly last: string
}

/** What a platform's way of running a set answers: the rows of each read, and the counters before and after each write. */
export interface SetAnswer {
  readonly reads: readonly (readonly PluginRow[])[]
  readonly counts: readonly Counts[]
}
