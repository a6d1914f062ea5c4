import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import type { Statement } from '../../statement.ts'
import { insertLedgerEntry, type LedgerOutcome } from '../ledger/ledger.ts'
import { ledgerEntryOf } from '../ledger/ledger-entry.ts'
import { schemaObjects, type SchemaObjects } from '../ledger/owned-objects.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { inheritRows } from '../checks/run-check.ts'
import { underNewNames } from '../checks/under-new-names.ts'
import { whatWasThrown } from '../checks/what-was-thrown.ts'
import { identifiedViolations, newViolations, withoutKey, type IdentifiedViolation } from '../schema/foreign-keys.ts'

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
  readonly violations: readonly IdentifiedViolation[]
  readonly objects: SchemaObjects
}

export async function takeBaseline(tx: Queryable): Promise<Baseline> {
  return { violations: await identifiedViolations(tx), objects: await schemaObjects(tx) }
}

/** @throws {DataLayerError} `foreign-key-violation` when rows lost their parents since `before` */
export async function mustNotOrphan(before: Baseline, after: Baseline, patch: string): Promise<void> {
  const known = underNewNames(before.violations, before.objects, after.objects)
  mustHaveNoOrphans(newViolations(known, after.violations), patch)
}

/** @throws {DataLayerError} `foreign-key-violation` when there are any */
export function mustHaveNoOrphans(orphans: readonly IdentifiedViolation[], patch: string): void {
  if (orphans.length === 0) return
  throw new DataLayerError(
    'foreign-key-violation',
    `${patch} would leave ${orphans.length} rows without the row they refer to.`,
    {
      details: { patch, rows: orphans.slice(0, 100).map(withoutKey) },
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

/**
 * An error from inside a patch, with the patch's name. The transaction is rolled back, and with it the database is as it
 * was, but for the pieces that a patch in pieces had committed.
 *
 * @param pieces how many those are; `undefined` where it is not begun
 */
export function patchError(error: unknown, patch: string, pieces?: number): DataLayerError {
  const failed = `${patch} failed${pieces === undefined ? ' and was undone' : ''}:`
  const stays = pieces === undefined ? '' : ` ${whatStays(patch, pieces)}`
  const facts = { patch, ...(pieces === undefined ? {} : { begun: { name: patch, pieces } }) }
  if (error instanceof DataLayerError) {
    const code = speakingCodes.has(error.code) ? error.code : 'patch-failed'
    const message = `${code === 'patch-failed' ? `${failed} ` : ''}${error.message}${stays}`
    const details = { ...error.details, ...facts }
    return inheritRows(error, new DataLayerError(code, message, { details, sqlite: error.sqlite }))
  }
  return new DataLayerError('patch-failed', `${failed} ${whatWasThrown(error)}${stays}`, {
    details: facts,
    cause: error,
  })
}

function whatStays(patch: string, pieces: number): string {
  const done = pieces === 1 ? '1 piece of it is done and stays' : `${pieces} pieces of it are done and stay`
  return `${patch} is begun: ${done}; the next launch goes on there.`
}
