import { statementPurpose } from '../../../statement-purpose.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { transactionControl } from '../../../transaction-control.ts'
import type { Call } from './operations.ts'

const harmless: ReadonlySet<Call['name']> = new Set(['reserve', 'release', 'export', 'listCopies', 'removeCopy'])

/** Whether a call may be made twice: it does nothing, or nothing that a second time would add to. */
export function readsOnly(call: Call): boolean {
  if (harmless.has(call.name)) return true
  if (call.name === 'run') return call.values[0].every(isReading)
  return call.name === 'runInSession' && call.values[1].every(isReading)
}

function isReading({ text }: CheckedStatement): boolean {
  return statementPurpose(text) === 'read'
}

/** Whether a session's transaction may be committed by this call. */
export function endsTransaction(call: Call): boolean {
  return (
    call.name === 'runInSession' &&
    call.values[1].some(({ text }) => ['commit', 'release'].includes(transactionControl(text) ?? ''))
  )
}

/** What is sure of a session's transaction: there may be one behind `none`. The first savepoint's RELEASE may commit. */
export type SureTransaction = 'none' | 'begun' | 'savepoint'

/** What is sure of a session's transaction after these statements, when all of them succeeded. */
export function transactionAfter(statements: readonly CheckedStatement[], before: SureTransaction): SureTransaction {
  return statements.reduce((open, { text }) => {
    switch (transactionControl(text)) {
      case 'begin':
        return 'begun'
      case 'savepoint':
        return open === 'none' ? 'savepoint' : open
      case 'release':
        return open === 'savepoint' ? 'none' : open
      case 'commit':
      case 'rollback':
        return 'none'
      default:
        return open
    }
  }, before)
}
