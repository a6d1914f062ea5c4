import type { ErrorCode } from '../../errors/index.ts'
import type { LaunchListener } from './launch-report.ts'
import type { Repair } from './component.ts'

/** What `plan` found: what a launch would do, worked out by doing it in a transaction that is rolled back. */
export interface MigrationPlan {
  readonly steps: readonly PlannedStep[]
  /** Statements that take views and triggers out of the way, and that make them anew. */
  readonly repeatables: readonly string[]
  /** Names of patches that the database has without a record of it, and that would be recorded. */
  readonly adopted: readonly string[]
  /** Wrong data that would be put right. */
  readonly repairs: readonly Repair[]
  readonly warnings: readonly string[]
  readonly problems: readonly PlanProblem[]
  readonly held: readonly string[]
}

export interface PlannedStep {
  readonly component: string
  readonly patch: string
  /** What would run: texts as the patch has them, of code those that write, each once. */
  readonly statements: readonly string[]
  /** Rows each of them would write. */
  readonly rows: readonly number[]
}

export interface PlanProblem {
  readonly code: ErrorCode
  readonly message: string
  /** An integer beyond 2^53 is decimal text. */
  readonly rows?: readonly unknown[]
}

/** A component's history in one database. */
export interface ComponentStatus {
  readonly name: string
  readonly applied: readonly { readonly name: string; readonly appliedAt: string; readonly adopted: boolean }[]
  readonly pending: readonly string[]
  readonly held: readonly string[]
  /** Patches in pieces that are begun and not done, with how many of their pieces stay: the next launch goes on there. */
  readonly begun: readonly { readonly name: string; readonly pieces: number }[]
}

export interface RollbackReport {
  /** Names of the patches that were undone, newest first. */
  readonly reverted: readonly string[]
  readonly backup: string | null
  /** What could not be given back as it was; absent when all was. */
  readonly warnings?: readonly string[]
}

/** How an app wants its migrations run. */
export interface MigrationOptions {
  /** Names of patches to wait with, for a gradual roll-out. What follows them in their component waits too. */
  readonly hold?: readonly string[]
  /** `false` leaves out the backup. */
  readonly backup?: boolean
  /** Where backups go; beside the database unless said. */
  readonly backupDirectory?: string
  /** Goes no further than this patch of its component. */
  readonly to?: string
  /**
   * How long to wait for another process or tab that is migrating, in milliseconds; 60,000 unless said. When said, also how
   * long to wait for one that is writing otherwise; else that is the driver's own time, 5,000 on Node.
   */
  readonly lockTimeoutMs?: number
  /** What is recorded as having applied a patch. */
  readonly appVersion?: string
}

export interface DropReport {
  /** Names of the patches that are no longer applied, newest first. */
  readonly dropped: readonly string[]
  readonly backup: string | null
  readonly warnings?: readonly string[]
}

export interface SetUpReport {
  /** Steps that were run now, as `patch/name`. */
  readonly finished: readonly string[]
  /** Steps whose condition these arguments do not meet. */
  readonly waiting: readonly string[]
  /** The absolute path of the copy made before anything was written; `null` when none was needed or wanted. */
  readonly backup: string | null
  readonly warnings?: readonly string[]
}

/** Who watches a change, and who may call it off between two of its statements; what it did is then undone. */
export interface Watching {
  readonly onEvent?: LaunchListener | undefined
  readonly signal?: AbortSignal | undefined
}
