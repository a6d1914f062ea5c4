import fc from 'fast-check'
import { earlierActiveIdentity, earlierMigrations } from '../../src/testing/legacy/earlier-active-identity.ts'
import { insertRow } from '../../src/testing/legacy/insert-row.ts'
import type { EarlierActiveIdentity } from '../../src/testing/legacy/index.ts'
import type { Statement } from '../../src/db/statement.ts'
import { draftAccounts, type AccountsDraft } from './accounts-draft.ts'
import { draftContacts, draftOddTables, draftUserObjects, draftUserTables, rowOf } from './additions-draft.ts'
import { chance, pick, renderTable, type Generator } from './schema-draft.ts'
import { draftSettings, type SettingsDraft } from './settings-draft.ts'

/** A legacy database as statements, and what its migration has to come to. */
export interface LegacyDatabase {
  /** Run with foreign keys off, outside a transaction for the first few (they set up the file). */
  readonly header: readonly Statement[]
  readonly statements: readonly Statement[]
  /** Who is active afterwards. */
  readonly activeDid: string | null
  /** Views that read `settings.activeDid`, whose answer may change. */
  readonly activeDidViews: readonly string[]
  readonly earlierActiveIdentity: EarlierActiveIdentity | undefined
}

/**
 * Any legacy database whose accounts' DIDs differ: what is in the field, and what SQLite allows to be.
 *
 * @param engine whether it has the full-text index
 */
export function arbitraryLegacyDatabase(engine: { fullText: boolean }): fc.Arbitrary<LegacyDatabase> {
  return fc.gen().map((g) => draftDatabase(g, engine))
}

function draftDatabase(g: Generator, engine: { fullText: boolean }): LegacyDatabase {
  const accounts = draftAccounts(g)
  const settings = draftSettings(g, accounts)
  const objects = draftUserObjects(g)
  const earlier = chance(g, 20) ? pick(g, ['not-null-cascade', 'set-null', 'restrict'] as const) : undefined
  const pointer = earlier ? draftPointer(g, accounts) : undefined
  return {
    header: [
      ...(chance(g, 5) ? [{ text: "PRAGMA encoding = 'UTF-16le'" }] : []),
      ...(chance(g, 30) ? [{ text: `PRAGMA user_version = ${pick(g, [1, 7, 20_251_109])}` }] : []),
      ...(chance(g, 10) ? [{ text: 'PRAGMA application_id = 1234' }] : []),
    ],
    statements: [
      { text: renderTable(g, accounts.table) },
      { text: renderTable(g, settings.table) },
      ...[...accounts.dids, ...accounts.didless].map((_, index) =>
        insertRow('accounts', rowOf(accounts.table.columns, index)),
      ),
      ...settings.rows.map((_, index) => insertRow('settings', rowOf(settings.table.columns, index))),
      ...draftGap(g, accounts, settings),
      ...draftContacts(g),
      ...draftUserTables(g, accounts, settings),
      ...draftOddTables(g, engine),
      ...[...accounts.indexes, ...settings.indexes].map((text) => ({ text })),
      ...(earlier || chance(g, 10) ? earlierMigrations(earlier) : []),
      ...(earlier ? earlierActiveIdentity(earlier, pointer) : []),
      ...objects.statements,
    ],
    activeDid: expectedActiveDid(accounts, settings, pointer),
    activeDidViews: objects.activeDidViews,
    earlierActiveIdentity: earlier,
  }
}

/** Rows that were there and are gone: the next id must not be given out again. */
function draftGap(g: Generator, accounts: AccountsDraft, settings: SettingsDraft): Statement[] {
  const gap = (table: string): Statement[] => [
    { text: `UPDATE sqlite_sequence SET seq = ? WHERE name = ?`, params: [pick(g, [100, 5_000_000_000]), table] },
  ]
  return [
    ...(accounts.autoincrement && chance(g, 40) ? gap('accounts') : []),
    ...(settings.autoincrement && chance(g, 40) ? gap('settings') : []),
  ]
}

/** What the earlier `active_identity` says; `undefined` for no row. */
function draftPointer(g: Generator, { dids }: AccountsDraft): string | null | undefined {
  if (chance(g, 20)) return undefined
  return dids.length > 0 && chance(g, 70) ? pick(g, dids) : null
}

/** A DID in the earlier table wins; nothing there means that it was not moved yet, and the master row is asked. */
function expectedActiveDid(
  { dids }: AccountsDraft,
  { rows }: SettingsDraft,
  pointer: string | null | undefined,
): string | null {
  if (pointer) return pointer
  const master = rows.find(({ id }) => String(id) === '1')
  return dids.find((did) => did === master?.activeDid) ?? null
}
