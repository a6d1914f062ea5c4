import type { Statement } from '../../db/statement.ts'
import { insertRow } from './insert-row.ts'
import type { EarlierActiveIdentity } from './legacy-options.ts'

const definitions: Readonly<Record<EarlierActiveIdentity, string>> = {
  'not-null-cascade': `activeDid TEXT NOT NULL DEFAULT '',
  lastUpdated TEXT NOT NULL DEFAULT (datetime('now')),
  FOREIGN KEY (activeDid) REFERENCES accounts(did) ON DELETE CASCADE`,
  'set-null': `activeDid TEXT DEFAULT NULL,
  lastUpdated TEXT NOT NULL DEFAULT (datetime('now')),
  FOREIGN KEY (activeDid) REFERENCES accounts(did) ON DELETE SET NULL`,
  restrict: `activeDid TEXT DEFAULT NULL,
  lastUpdated TEXT NOT NULL DEFAULT (datetime('now')),
  FOREIGN KEY (activeDid) REFERENCES accounts(did) ON DELETE RESTRICT`,
}

const migrationNames: Readonly<Record<EarlierActiveIdentity, readonly string[]>> = {
  'not-null-cascade': ['003_active_did_separate_table'],
  'set-null': ['003_add_hasBackedUpSeed_to_settings', '004_active_identity_and_seed_backup'],
  restrict: [
    '003_add_hasBackedUpSeed_to_settings',
    '004_active_identity_and_seed_backup',
    '005_active_identity_constraint_fix',
  ],
}

/** The `active_identity` that an earlier version of the app made. `undefined` as the value leaves its row out. */
export function earlierActiveIdentity(form: EarlierActiveIdentity, activeDid: string | null | undefined): Statement[] {
  const statements: Statement[] = [
    { text: `CREATE TABLE active_identity (\n  id INTEGER PRIMARY KEY CHECK (id = 1),\n  ${definitions[form]}\n)` },
    { text: 'CREATE INDEX IF NOT EXISTS idx_active_identity_activeDid ON active_identity(activeDid)' },
    { text: 'CREATE UNIQUE INDEX IF NOT EXISTS idx_active_identity_single_record ON active_identity(id)' },
  ]
  if (activeDid !== undefined) {
    const value = form === 'not-null-cascade' ? (activeDid ?? '') : activeDid
    statements.push(insertRow('active_identity', { id: 1, activeDid: value, lastUpdated: '2025-09-01 07:24:00' }))
  }
  return statements
}

/** The app's own list of migrations, with those that belong to the given form of `active_identity`. */
export function earlierMigrations(form: EarlierActiveIdentity | undefined): Statement[] {
  const names = ['001_initial', '002_add_iViewContent_to_contacts', ...(form ? migrationNames[form] : [])]
  return [
    {
      text: `CREATE TABLE migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  executed_at TEXT DEFAULT CURRENT_TIMESTAMP
)`,
    },
    ...names.map((name) => insertRow('migrations', { name, executed_at: '2025-09-01 07:23:00' })),
  ]
}
