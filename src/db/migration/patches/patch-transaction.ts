import type { Queryable } from '../../database.ts'
import type { KeptValue, PatchTransaction, Repair, StepProgress } from '../component.ts'
import { rebuildTable } from '../rebuild/rebuild-table.ts'
import { withoutTriggers } from '../rebuild/without-triggers.ts'
import { asText, keepValue, keptValues, markGivenBack, type RepairOrigin } from '../ledger/repair-log.ts'

/** Where what a patch says goes to. */
export interface PatchVoice {
  repaired(repair: Repair): void
  warned(message: string): void
  progressed(progress: StepProgress): Promise<void>
}

/** Makes a transaction into the one that a patch's code steps are given. */
export function patchTransaction(tx: Queryable, origin: RepairOrigin, voice: PatchVoice): PatchTransaction {
  return {
    query: (statement) => tx.query(statement),
    queryOne: (statement) => tx.queryOne(statement),
    execute: (statement) => tx.execute(statement),
    batch: (statements) => tx.batch(statements),
    rebuildTable: (change) => rebuildTable(tx, change),
    withoutTriggers: (table, body) => withoutTriggers(tx, table, body),
    async repair(entry) {
      await keepValue(tx, origin, entry, true)
      voice.repaired({ kind: entry.kind, table: entry.table, column: entry.column, value: asText(entry.value) })
    },
    setAside: (entry) => keepValue(tx, origin, entry, false),
    kept: (kind?: string): Promise<readonly KeptValue[]> => keptValues(tx, origin.component, kind),
    giveBack: (ids) => markGivenBack(tx, ids),
    warn: (message) => voice.warned(message),
    progress: (progress) => voice.progressed(progress),
  }
}
