import type { DataLayerError } from '../../errors/index.ts'
import type { Repair } from './component.ts'

/** What a launch did. Never thrown away: show it, or at least log its `outcome`. */
export interface LaunchReport {
  /**
   * - `current`: nothing was pending
   * - `migrated`: patches were applied or adopted
   * - `repaired`: the same, and wrong data was put right (see `repairs`)
   * - `refused`: the database was not accepted and not changed
   * - `failed`: something went wrong and was rolled back; what a patch in pieces had committed before stays, and is named
   */
  readonly outcome: 'current' | 'migrated' | 'repaired' | 'refused' | 'failed'
  /** Names of the patches applied now, in order. */
  readonly applied: readonly string[]
  /** Names of the patches the database turned out to have already. */
  readonly adopted: readonly string[]
  /** Names of the patches that wait: because the app holds them, or because something in the database does. */
  readonly held: readonly string[]
  readonly repairs: readonly Repair[]
  readonly warnings: readonly string[]
  /** The absolute path of the copy made before anything was written; `null` when none was needed or wanted. */
  readonly backup: string | null
  readonly durationMs: number
  readonly error?: DataLayerError
}

/** One thing that happened during a launch, as it happens. */
export type LaunchEvent =
  | { readonly type: 'waiting'; readonly holder: string | null; readonly since: string | null }
  | { readonly type: 'planned'; readonly patches: readonly string[]; readonly held: readonly string[] }
  | {
      /** While a large backup is written. */
      readonly type: 'backup-progress'
      /** In bytes. */
      readonly done: number
      readonly total: number | null
      readonly elapsedMs: number
    }
  | { readonly type: 'backup'; readonly location: string; readonly bytes: number }
  | {
      readonly type: 'patch'
      readonly patch: string
      readonly index: number
      readonly total: number
      readonly elapsedMs: number
    }
  | {
      readonly type: 'statement'
      readonly patch: string
      /** From 1. */
      readonly index: number
      readonly total: number
      readonly rows: number
      readonly elapsedMs: number
    }
  | {
      readonly type: 'progress'
      readonly patch: string
      readonly done: number
      readonly total: number | null
      readonly elapsedMs: number
    }
  | { readonly type: 'finished'; readonly outcome: LaunchReport['outcome']; readonly elapsedMs: number }

export type LaunchListener = (event: LaunchEvent) => void
