import type { Baseline } from '../../db/migration/component.ts'
import { legacySchema } from './legacy-schema.ts'

const ofTheEnd = (text: string) => text.replace('  activeDid TEXT,\n', '')

/** The schema at the end of the patches, created in one step. A test holds it against the replay of all of them. */
export const baseline: Baseline = {
  through: 'identity-0005',
  statements: [
    ...legacySchema.statements.filter((step) => typeof step === 'string').map(ofTheEnd),
    'CREATE UNIQUE INDEX selfsame_accounts_did ON accounts (did)',
    `CREATE TABLE active_identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  activeDid TEXT NULL CHECK (activeDid <> ''),
  lastUpdated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  FOREIGN KEY (activeDid) REFERENCES accounts (did) ON UPDATE CASCADE ON DELETE RESTRICT
)`,
    'INSERT INTO active_identity (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM active_identity)',
    `CREATE TRIGGER selfsame_active_identity_row BEFORE DELETE ON active_identity
BEGIN SELECT RAISE(ABORT, 'active_identity always has its one row; set activeDid to NULL instead'); END`,
  ],
}
