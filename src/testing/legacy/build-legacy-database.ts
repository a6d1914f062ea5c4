import type { Statement } from '../../db/statement.ts'
import { earlierActiveIdentity, earlierMigrations } from './earlier-active-identity.ts'
import { insertRow } from './insert-row.ts'
import { fakeDid, legacyAccounts } from './legacy-accounts.ts'
import { additionalObjects, additionalRows, additionalTables } from './legacy-additions.ts'
import type { LegacyDatabaseOptions } from './legacy-options.ts'
import { legacyRows } from './legacy-rows.ts'
import { legacySchema } from './legacy-schema.ts'
import { legacySettings } from './legacy-settings.ts'
import { seededRandom, type Random } from './random.ts'

/**
 * The statements that make and fill a database as the app had it before `active_identity`: every table and column, with
 * rows that look real and belong to nobody. The same options give the same statements.
 *
 * On a database with foreign keys on, write them with {@link writeLegacyDatabase}: what a legacy app left behind need
 * not satisfy them (`activeIdentity` with `''`, foreign keys on an `accounts.did` that is not unique).
 *
 * @example
 * await db.batch(buildLegacyDatabase({ accounts: 3, state: 'orphan' }))
 */
export function buildLegacyDatabase(options: LegacyDatabaseOptions = {}): Statement[] {
  const random = seededRandom(options.seed ?? 1)
  const state = options.state ?? 'valid'
  const dids = legacyDids(options.accounts ?? 3, state === 'duplicate', random)
  const activeDid = legacyActiveDid(options, dids, random)
  const settings = legacySettings(options, dids, activeDid, random)
  const additions = new Set(options.additions)
  const { activeIdentity } = options
  return [
    ...legacySchema(options).map((text) => ({ text })),
    ...additionalTables(additions),
    ...legacyAccounts(dids, random).map((row) => insertRow('accounts', row)),
    ...settings.map((row) => insertRow('settings', row)),
    ...legacyRows({ contacts: options.contacts ?? 5, logs: options.logs ?? 3 }, random),
    ...additionalRows(
      additions,
      dids,
      settings.map(({ id }) => id as string | number),
    ),
    ...((options.migrations ?? activeIdentity) ? earlierMigrations(activeIdentity) : []),
    ...(activeIdentity ? earlierActiveIdentity(activeIdentity, earlierValue(options, dids, activeDid)) : []),
    ...additionalObjects(additions),
  ]
}

function legacyDids(count: number, duplicate: boolean, random: Random): string[] {
  if (duplicate && count < 2) throw new RangeError('Two accounts are needed for two to share a DID.')
  const dids = Array.from({ length: count }, () => fakeDid(random))
  return duplicate ? [...dids.slice(0, -1), ...dids.slice(0, 1)] : dids
}

function legacyActiveDid(options: LegacyDatabaseOptions, dids: readonly string[], random: Random): string | null {
  switch (options.state ?? 'valid') {
    case 'none':
      return options.noneAs === 'empty' ? '' : null
    case 'orphan':
      return fakeDid(random)
    default:
      return dids[0] ?? null
  }
}

function earlierValue(
  options: LegacyDatabaseOptions,
  dids: readonly string[],
  activeDid: string | null,
): string | null | undefined {
  switch (options.activeIdentityValue) {
    case 'newer':
      return dids.at(-1) ?? null
    case 'none':
      return null
    case 'no-row':
      return undefined
    default:
      return activeDid
  }
}
