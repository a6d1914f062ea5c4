import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import type { Statement } from '../../statement.ts'
import { whyNotInCode } from '../allowed-statement.ts'
import type { KeptValue, PatchTransaction, Repair, StepProgress } from '../component.ts'
import { rebuildTable } from '../rebuild/rebuild-table.ts'
import { withoutTriggers } from '../rebuild/without-triggers.ts'
import { asText, keepValue, keptValues, markGivenBack, type RepairOrigin } from '../ledger/repair-log.ts'

/** Where what a patch says goes to. */
export interface PatchVoice {
  repaired(repair: Repair): void
  warned(message: string): void
  progressed(progress: StepProgress): Promise<void>
  /** The statements that drop something, as the patch says them: what a rebuild drops and makes again is not among them. */
  readonly drops: Set<string>
}

/** Makes a transaction into the one that a patch's code steps are given. */
export function patchTransaction(tx: Queryable, origin: RepairOrigin, voice: PatchVoice): PatchTransaction {
  const heard = (statement: Statement) => {
    const { text } = allowed(statement)
    if (/drop/i.test(text)) voice.drops.add(text)
    return statement
  }
  return {
    query: async (statement) => tx.query(heard(statement)),
    queryOne: async (statement) => tx.queryOne(heard(statement)),
    execute: async (statement) => tx.execute(heard(statement)),
    batch: async (statements) => tx.batch(statements.map(heard)),
    rebuildTable: (change) => {
      for (const name of change.dropIndexes ?? []) voice.drops.add(`DROP INDEX ${quoteName(name)}`)
      return rebuildTable(tx, change)
    },
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

/** @throws {DataLayerError} `unsupported` for what would stay on the connection when the patch is done */
function allowed(statement: Statement): Statement {
  // What is no text is refused with the statement.
  const reason = typeof statement.text === 'string' ? whyNotInCode(statement.text) : undefined
  if (reason === undefined) return statement
  throw new DataLayerError('unsupported', `A step's code ${reason}.`)
}
