import { DataLayerError } from '../errors/index.ts'
import type { Queryable } from './database.ts'
import { sql } from './sql.ts'
import type { Component } from './migration/component.ts'
import { checkInvariants, promisedInvariants } from './migration/checks/invariants.ts'
import { foreignKeyViolations } from './migration/schema/foreign-keys.ts'
import { fingerprint } from './migration/schema/fingerprint.ts'

/** What a check of the whole database found. */
export interface VerifyReport {
  readonly ok: boolean
  /** What SQLite's integrity_check says is wrong; empty when nothing is. */
  readonly integrity: readonly string[]
  /** Rows whose parent is missing. */
  readonly foreignKeys: readonly object[]
  /** What the components promise of their data, and whether it is so. */
  readonly invariants: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[]
  /** SHA-256 of the normalised schema: the same for two databases whose schemas mean the same. */
  readonly fingerprint: string
  /** The fingerprint that the last launch, rollback, drop or set-up left; `null` where none is known. Another one means that the schema was changed since. */
  readonly recordedFingerprint: string | null
}

/** Checks the file's structure, its foreign keys and what the components promise. Reads only. */
export async function verifyDatabase(
  db: Pick<Queryable, 'query' | 'queryOne'>,
  components: readonly Component[] = [],
): Promise<VerifyReport> {
  const integrity = (await db.query({ text: 'PRAGMA integrity_check' }))
    .map((row) => String(Object.values(row)[0]))
    .filter((text) => text !== 'ok')
  const foreignKeys = await foreignKeyViolations(db)
  const invariants = await checkInvariants(db, promisedInvariants(components, await appliedPatches(db)))
  const ok = integrity.length === 0 && foreignKeys.length === 0 && invariants.every((invariant) => invariant.ok)
  const recordedFingerprint = await readRecordedFingerprint(db)
  return { ok, integrity, foreignKeys, invariants, fingerprint: await fingerprint(db), recordedFingerprint }
}

async function readRecordedFingerprint(db: Pick<Queryable, 'query' | 'queryOne'>): Promise<string | null> {
  const known = await db.queryOne(
    sql`SELECT 1 FROM pragma_table_info('selfsame_ledger') WHERE name = 'schema_fingerprint'`,
  )
  if (!known) return null
  const row = await db.queryOne<{ schema_fingerprint: string | null }>(
    sql`SELECT schema_fingerprint FROM selfsame_ledger ORDER BY position DESC LIMIT 1`,
  )
  return row?.schema_fingerprint ?? null
}

async function appliedPatches(db: Pick<Queryable, 'query' | 'queryOne'>): Promise<Set<string>> {
  const ledger = await db.queryOne<{ ours: number }>(sql`SELECT
    (SELECT count(*) FROM pragma_table_info('selfsame_ledger') WHERE name IN ('component', 'name', 'checksum')) = 3 AS ours
    FROM sqlite_schema WHERE name = 'selfsame_ledger'`)
  if (!ledger) return new Set()
  if (ledger.ours !== 1) throw new DataLayerError('foreign-schema', 'selfsame_ledger is there with another meaning.')
  const rows = await db.query<{ name: string }>(sql`SELECT name FROM selfsame_ledger`)
  return new Set(rows.map(({ name }) => name))
}
