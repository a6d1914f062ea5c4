import { transactionScope } from '../database.ts'
import type { Component, SetUpArguments } from './component.ts'
import { dropComponent } from './drop-component.ts'
import { launch } from './launch.ts'
import type { MigrationTarget } from './launch-lock.ts'
import { migrationConnection } from './migration-connection.ts'
import type { LaunchReport } from './launch-report.ts'
import { LaunchVoice } from './launch-voice.ts'
import type {
  ComponentStatus,
  DropReport,
  MigrationOptions,
  MigrationPlan,
  RollbackReport,
  SetUpReport,
  Watching,
} from './migrator-types.ts'
import { patchOrder } from './patch-order.ts'
import { plan } from './plan.ts'
import { readAssessment } from './ledger/read-assessment.ts'
import { readRepairs, type RepairEntry } from './ledger/repair-log.ts'
import { mustNotShareNames } from './repeatables/taken-names.ts'
import { rollBack } from './roll-back.ts'
import { setUp } from './set-up/set-up.ts'
import { withoutWaiting } from './without-waiting.ts'

/**
 * The migrations of one open database.
 *
 * @throws {DataLayerError} `unsupported`, from the constructor, for components that contradict each other
 * @example
 * const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
 */
export class Migrator {
  readonly #target: MigrationTarget
  readonly #components: readonly Component[]
  readonly #options: MigrationOptions

  constructor(target: MigrationTarget, components: readonly Component[], options: MigrationOptions = {}) {
    this.#target = { ...target, connection: migrationConnection(target.connection, options.lockTimeoutMs) }
    this.#components = components
    this.#options = options
    patchOrder(components)
    mustNotShareNames(components)
  }

  /** Applies what is pending. Never rejects: what went wrong is the report's `error`. */
  launch(options: Watching = {}): Promise<LaunchReport> {
    return launch(this.#target, this.#components, this.#options, voiceOf(options))
  }

  /** What a launch would do. Changes nothing. */
  plan(): Promise<MigrationPlan> {
    return plan(this.#target.connection, this.#components, this.#options)
  }

  /** Which patches are applied, which are pending and which wait. Reads only. */
  async status(): Promise<ComponentStatus[]> {
    const { connection } = this.#target
    const read = await readAssessment(connection, this.#components, this.#options)
    const reader = transactionScope((statements) => connection.run(statements))
    const { pending, held } = await withoutWaiting(reader, this.#components, read)
    const { adoptable, history } = read
    return this.#components.map((component) => ({
      name: component.name,
      applied: history.ledger
        .filter((entry) => entry.component === component.name)
        .map(({ name, appliedAt, outcome }) => ({ name, appliedAt, adopted: outcome === 'adopted' })),
      pending: [
        ...adoptable.filter((owned) => owned.component === component).map(({ patch }) => patch.name),
        ...pending.filter((owned) => owned.component === component).map(({ patch }) => patch.name),
      ],
      held: held.filter((name) => component.patches.some((patch) => patch.name === name)),
      begun: history.begun
        .filter(({ name }) => name.slice(0, name.lastIndexOf('-')) === component.name)
        .map(({ name, pieces }) => ({ name, pieces })),
    }))
  }

  /** What migrations found wrong or set aside, oldest first, and whether a rollback has given it back. Reads only. */
  repairs(): Promise<RepairEntry[]> {
    const { connection } = this.#target
    return readRepairs(transactionScope((statements) => connection.run(statements)))
  }

  /**
   * Undoes patches, back to `to` or as far as they can be undone.
   *
   * @throws {DataLayerError} see {@link rollBack}
   */
  rollback(options: Watching & { to?: string } = {}): Promise<RollbackReport> {
    return rollBack(this.#target, this.#components, this.#options, options.to, voiceOf(options))
  }

  /**
   * Takes a component out of the database, with everything its patches created.
   *
   * @throws {DataLayerError} see {@link dropComponent}
   */
  drop(name: string, options: Watching = {}): Promise<DropReport> {
    return dropComponent(this.#target, this.#components, this.#options, name, voiceOf(options))
  }

  /**
   * Runs the deferred set-up that patches have registered, with arguments that are known only now.
   *
   * @throws {DataLayerError} see {@link setUp}
   */
  setUp(args: SetUpArguments, options: Watching = {}): Promise<SetUpReport> {
    return setUp(this.#target, this.#components, this.#options, args, voiceOf(options))
  }
}

function voiceOf({ onEvent, signal }: Watching): LaunchVoice {
  return new LaunchVoice(onEvent, signal)
}
