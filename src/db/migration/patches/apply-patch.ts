import { DataLayerError, redactText } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import type { Statement } from '../../statement.ts'
import { insertLedgerEntry, type LedgerOutcome } from '../ledger/ledger.ts'
import { ledgerEntryOf } from '../ledger/ledger-entry.ts'
import { schemaObjects } from '../ledger/owned-objects.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { inheritRows } from '../checks/run-check.ts'
import { foreignKeyViolations, newViolations, type ForeignKeyViolation } from '../schema/foreign-keys.ts'

/** Who applies: recorded with every patch. */
export interface Applier {
  readonly app: string | null
  /** See {@link currentPlatform}. */
  readonly platform: string
  readonly engine: string
  readonly sqlite: string
}

/** What was true before a patch ran, to hold what is true after it against. */
export interface Baseline {
  readonly violations: readonly ForeignKeyViolation[]
  readonly objects: ReadonlySet<string>
}

export async function takeBaseline(tx: Queryable): Promise<Baseline> {
  return { violations: await foreignKeyViolations(tx), objects: new Set(await schemaObjects(tx)) }
}

/** @throws {DataLayerError} `foreign-key-violation` when rows lost their parents since `before` */
export async function mustNotOrphan(before: Baseline, after: Baseline, patch: string): Promise<void> {
  const added = newViolations(before.violations, after.violations)
  if (added.length === 0) return
  throw new DataLayerError(
    'foreign-key-violation',
    `${patch} would leave ${added.length} rows without the row they refer to.`,
    {
      details: { patch, rows: added.slice(0, 100) },
    },
  )
}

/** The statement that records a patch, with the objects that appeared while it ran. */
export function recordPatch(
  owned: OwnedPatch,
  applier: Applier,
  outcome: LedgerOutcome,
  durationMs: number,
  objects: readonly string[],
): Statement {
  const appliedAt = new Date().toISOString()
  const facts = { outcome, appliedAt, appliedBy: JSON.stringify(applier), durationMs: Math.round(durationMs), objects }
  return insertLedgerEntry({ ...ledgerEntryOf(owned), ...facts })
}

/**
 * Codes that say more than `patch-failed` does: a caller can act on them.
 */
const speakingCodes = new Set([
  'duplicate-dids',
  'foreign-schema',
  'foreign-key-violation',
  'no-space',
  'corrupt',
  'locked',
  'storage-unavailable',
  'storage-in-use',
  'outcome-unknown',
  'closed',
  'unsupported',
  'not-a-database',
])

/** An error from inside a patch, with the patch's name. The database is as it was: the transaction is rolled back. */
export function patchError(error: unknown, patch: string): DataLayerError {
  if (error instanceof DataLayerError) {
    const code = speakingCodes.has(error.code) ? error.code : 'patch-failed'
    const message = code === 'patch-failed' ? `${patch} failed and was undone: ${error.message}` : error.message
    return inheritRows(
      error,
      new DataLayerError(code, message, { details: { ...error.details, patch }, sqlite: error.sqlite }),
    )
  }
  const reason = error instanceof Error ? redactText(error.message) : 'it threw something that is no error'
  return new DataLayerError('patch-failed', `${patch} failed and was undone: ${reason}`, {
    details: { patch },
    cause: error,
  })
}
