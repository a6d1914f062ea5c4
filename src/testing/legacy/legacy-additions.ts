import type { Statement } from '../../db/statement.ts'
import { insertRow } from './insert-row.ts'
import type { LegacyAddition } from './legacy-options.ts'

/** Tables of the user's own, before anything is in them. */
export function additionalTables(additions: ReadonlySet<LegacyAddition>): Statement[] {
  if (!additions.has('tables')) return []
  return [
    `CREATE TABLE invitations (
  code TEXT PRIMARY KEY,
  fromDid TEXT REFERENCES accounts(did) ON DELETE SET NULL ON UPDATE CASCADE
) WITHOUT ROWID`,
    `CREATE TABLE devices (
  name TEXT NOT NULL,
  accountId INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE
)`,
    `CREATE TABLE "saved searches" (
  settingsId REFERENCES settings(id) ON DELETE CASCADE,
  query TEXT,
  length INTEGER GENERATED ALWAYS AS (length(query)) VIRTUAL
)`,
  ].map((text) => ({ text }))
}

/** Rows for those tables, pointing at the accounts and settings that are there. */
export function additionalRows(
  additions: ReadonlySet<LegacyAddition>,
  dids: readonly string[],
  settingsIds: readonly (string | number)[],
): Statement[] {
  if (!additions.has('tables')) return []
  return [
    ...dids.map((did, index) => insertRow('invitations', { code: `code-${index + 1}`, fromDid: did })),
    ...dids.map((_, index) => insertRow('devices', { name: `Device ${index + 1}`, accountId: index + 1 })),
    ...settingsIds.map((id) => insertRow('saved searches', { settingsId: id, query: `near:${id} it's here` })),
  ]
}

const schemaAdditions: Readonly<Partial<Record<LegacyAddition, readonly string[]>>> = {
  views: [
    'CREATE VIEW account_names AS SELECT a.did, s.firstName FROM accounts a LEFT JOIN settings s ON s.accountDid = a.did',
    'CREATE VIEW "settings overview" AS SELECT id, firstName AS "first name" FROM settings WHERE isRegistered = 1',
  ],
  'view-of-active-did': ['CREATE VIEW current_identity AS SELECT activeDid FROM settings WHERE id = 1'],
  triggers: [
    'CREATE TABLE audit (event TEXT NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP)',
    `CREATE TRIGGER accounts_audit AFTER INSERT ON accounts BEGIN
  INSERT INTO audit (event) VALUES (CASE WHEN NEW.id > 0 THEN 'account added' ELSE 'account' END);
END`,
    `CREATE TRIGGER settings_audit AFTER UPDATE OF firstName, lastName ON settings BEGIN
  INSERT INTO audit (event) VALUES ('name changed');
END`,
  ],
  indexes: [
    'CREATE INDEX idx_settings_activeDid ON settings(activeDid)',
    'CREATE INDEX "accounts by day" ON accounts(substr(dateCreated, 1, 10) DESC)',
    'CREATE INDEX registered_settings ON settings(firstName COLLATE NOCASE) WHERE isRegistered = 1',
  ],
}

/** Views, triggers and indexes; made last, as a user would on a database that is in use. */
export function additionalObjects(additions: ReadonlySet<LegacyAddition>): Statement[] {
  return [...additions].flatMap((addition) => schemaAdditions[addition] ?? []).map((text) => ({ text }))
}
