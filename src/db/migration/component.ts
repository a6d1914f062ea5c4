import type { Queryable } from '../database.ts'
import type { Row } from '../rows.ts'
import type { Statement } from '../statement.ts'
import type { TableChange } from './rebuild/rebuild-table.ts'

/** What a patch found wrong with the data and put right, or set aside so that a rollback can bring it back. */
export interface Repair {
  /** For example `orphan`. */
  readonly kind: string
  readonly table: string
  readonly column: string
  /** The value that was there. */
  readonly value: string | null
}

/** How far a step is. `total` is absent while it is not known. */
export interface StepProgress {
  readonly done: number
  readonly total?: number
}

/**
 * What a code step may use: SQL on the open transaction, and the few things that plain SQL cannot do safely.
 * It is given raw rows and its own statements; it imports nothing from the app, so that what it does never changes.
 */
export interface PatchTransaction extends Queryable {
  /** Changes a table's definition by building it anew: see {@link TableChange}. */
  rebuildTable(change: TableChange): Promise<void>
  /** Runs `body` with the table's own triggers out of the way, so that a migration's writes do not look like the app's. */
  withoutTriggers(table: string, body: () => Promise<void>): Promise<void>
  /** Tells the user of a value that was wrong; it ends up in the launch report and in the repair log. */
  repair(repair: Repair & { readonly row?: string }): Promise<void>
  /** Keeps a value that has no place in the new schema, for a rollback. Not shown as a repair. */
  setAside(entry: Repair & { readonly row?: string }): Promise<void>
  /** Everything this component kept by `repair` or `setAside` and not taken back yet, oldest first. */
  kept(kind?: string): Promise<readonly KeptValue[]>
  /** Marks kept values as given back. */
  giveBack(ids: readonly number[]): Promise<void>
  /** A sentence for the report: nothing is wrong, but somebody should know. */
  warn(message: string): void
  /** Reports how far a long step is, and stops it where the launch was cancelled. */
  progress(progress: StepProgress): Promise<void>
}

/** A {@link Repair} as the log keeps it. `row` names the row it came from, as the patch that kept it spelt it. */
export interface KeptValue extends Repair {
  readonly id: number
  readonly row: string | null
  readonly patch: string
}

/** A step in code. `code` is its identity in the checksum: change it when what the step does changes. */
export interface CodeStep {
  readonly code: string
  run(tx: PatchTransaction): Promise<void>
}

/**
 * A step in code that works through a large table piece by piece, each piece in a transaction of its own: a launch that
 * is cut off goes on where it was. `next` gets what it returned before (`null` at first) and returns `null` when done.
 */
export interface ChunkedStep {
  readonly code: string
  next(tx: PatchTransaction, cursor: string | null): Promise<string | null>
}

export type PatchStep = string | Statement | CodeStep | ChunkedStep

/** A condition on the data. It holds when `rows` returns no row. */
export interface Check {
  readonly name: string
  /** The rows that break the condition, as a query or a function that only reads. At most 100 of them go into the error: numbers whole, DIDs shortened, of other texts the length. */
  readonly rows: string | ((tx: Queryable) => Promise<readonly Row[]>)
  /** The error's code, `patch-failed` unless said. */
  readonly code?: 'duplicate-dids' | 'foreign-schema' | 'patch-failed'
  readonly message?: string
}

/** One numbered step of a component's history. Once shipped it never changes. */
export interface Patch {
  /** `<component>-<NNNN>`, the numbers in order. */
  readonly name: string
  /** Names of patches, of any component, that must be applied before. */
  readonly requires?: readonly string[]
  /** Names of patches that must never be in the same database. Checked both ways. */
  readonly conflicts?: readonly string[]
  /** Single statements and code steps, run in order. */
  readonly statements: readonly PatchStep[]
  readonly before?: readonly Check[]
  readonly after?: readonly Check[]
  /** Steps that undo the patch. Without them a rollback goes no further back than this patch. */
  readonly revert?: readonly PatchStep[]
  /**
   * Columns, as `table.column`, in which `revert` may bring rows without a parent back: they had none before the patch
   * either, and going back means as it was.
   */
  readonly orphansComeBackIn?: readonly string[]
  /** Whether `revert` may run where the patch was adopted: where it takes away nothing that was there before. */
  readonly revertsAdopted?: boolean
  /** A query whose first value is true when a database without a ledger already has what this patch does. */
  readonly present?: string
  /**
   * Reasons why this patch has to wait on this database. It is then held, and so is what follows it. `repeatables` are the
   * texts of all components' views and triggers: while patches run, those are not in the database.
   */
  readonly waitsFor?: (tx: Queryable, repeatables: readonly string[]) => Promise<readonly string[]>
  /** The oldest patch of this component an app must know to read and write a database that has this one. */
  readonly minReader?: string
  /** Deferred set-up that this patch registers, run later by one call with arguments. */
  readonly setUp?: readonly SetUpStep[]
}

/** Arguments of the deferred set-up. `partitions` is one that `SetUpStep.action` looks at: see there. */
export type SetUpArguments = Readonly<Record<string, string | number | boolean | null>>

/** A registered piece of set-up that needs arguments (a number of partitions, say). It is run once, in order of registration. */
export interface SetUpStep {
  readonly name: string
  /**
   * Which tables it works on, where the argument `partitions` says how many parts a table has: `null`, or no such argument,
   * for an undivided one, 0 for one part called `default`, else parts called `1`, `2`, …
   *
   * - `create` and `alter`: the table itself, and each part of a `partitioned` one
   * - `constrain`: each part of a `partitioned` table, the table itself where it is undivided
   * - `foreign`: the table itself, and only where tables are undivided: a part's key is unique in that part alone
   * - `master`: the table itself
   */
  readonly action: 'create' | 'alter' | 'constrain' | 'foreign' | 'master'
  /** Whether the table has parts at all. */
  readonly partitioned?: boolean
  /** Whether it applies with these arguments; it always does without. One that does not apply stays unfinished. */
  readonly when?: (args: SetUpArguments) => boolean
  /** Called for the table itself with `null`, for a part with its name. The texts keep a patch's rules. */
  readonly statements: (args: SetUpArguments, partition: string | null) => readonly string[]
}

/** A named set of tables with its own history. */
export interface Component {
  readonly name: string
  readonly patches: readonly Patch[]
  /** `CREATE VIEW` and `CREATE TRIGGER` statements that always have their latest text. */
  readonly repeatables?: readonly string[]
  /** Statements that run before the component's objects are dropped. */
  readonly drop?: readonly string[]
  /** Creates in one step what the patches up to `through` create one by one, for a database that has none of them. */
  readonly baseline?: Baseline
  /** Conditions that hold in every healthy database; `repair` puts a broken one right at launch. */
  readonly invariants?: readonly Invariant[]
}

export interface Baseline {
  readonly through: string
  readonly statements: readonly string[]
}

export interface Invariant {
  readonly name: string
  /** A query for the rows that break it; like every query of a component it cannot write. */
  readonly rows: string
  /** The patch from which on it holds. */
  readonly since: string
  readonly repair?: CodeStep
}
