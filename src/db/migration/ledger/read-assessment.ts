import { transactionScope } from '../../database.ts'
import type { StatementRunner } from '../../driver.ts'
import { findAdoptable } from './adopt.ts'
import { assessHistory, type Assessment, type Wishes } from './assess-history.ts'
import type { Component } from '../component.ts'
import { ledgerEntryOf } from './ledger-entry.ts'
import { readHistory, type History } from './ledger.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { knownToTheEnd, replacedRepeatables } from '../repeatables/repeatables.ts'
import { takenNames } from '../repeatables/taken-names.ts'
import { addedSetUp } from '../set-up/added-set-up.ts'

/** What a database's own history, and what it shows to have without one, come to for the app's patches. */
export interface ReadAssessment extends Assessment {
  readonly history: History
  /** Patches that the database has and that no ledger row says. */
  readonly adoptable: readonly OwnedPatch[]
  /** Names of the patches it has, recorded or not. */
  readonly present: ReadonlySet<string>
}

/**
 * Reads the history, looks what else is there, and holds both against the app's patches. The one way to it: what a plan, a
 * status and both looks of a launch see is the same.
 *
 * @throws {DataLayerError} `foreign-schema` and `corrupt`
 */
export async function readAssessment(
  runner: StatementRunner,
  components: readonly Component[],
  wishes: Wishes,
): Promise<ReadAssessment> {
  const history = await readHistory(runner)
  const reader = transactionScope((statements) => runner.run(statements))
  const adoptable = await findAdoptable(reader, components, history)
  const ledger = [...history.ledger, ...adoptable.map(ledgerEntryOf)]
  const assessment = assessHistory(components, ledger, wishes, history.begun)
  const present = new Set(ledger.map(({ name }) => name))
  const known = knownToTheEnd(components, ledger)
  const replaced = [
    ...replacedRepeatables(known, history.repeatables),
    ...(await takenNames(reader, known, history.repeatables, present)),
  ]
  const problems = [...assessment.problems, ...addedSetUp(components, history), ...replaced]
  return { ...assessment, problems, history, adoptable, present }
}
