import type { Patch } from '../../db/migration/component.ts'

/** The schema an app has that keeps its active identity in `settings`. A database that has it already is adopted. */
export const legacySchema: Patch = {
  name: 'identity-0001',
  // Any accounts (with did) and settings (with id and accountDid, and the active DID there or in a table of its own).
  present: `SELECT (SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND lower(name) IN ('accounts', 'settings')) = 2
    AND EXISTS (SELECT 1 FROM pragma_table_info('accounts') WHERE lower(name) = 'did')
    AND (SELECT count(*) FROM pragma_table_info('settings') WHERE lower(name) IN ('id', 'accountdid')) = 2
    AND (EXISTS (SELECT 1 FROM pragma_table_info('settings') WHERE lower(name) = 'activedid')
      OR EXISTS (SELECT 1 FROM pragma_table_info('active_identity') WHERE lower(name) = 'activedid'))`,
  before: [
    {
      name: 'no table of ours is there with another meaning',
      code: 'foreign-schema',
      message: 'This database has tables that are named like ours and are not ours.',
      rows: `SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view')
        AND lower(name) IN ('accounts', 'settings', 'contacts', 'secret', 'logs', 'temp', 'active_identity')`,
    },
  ],
  statements: [
    `CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dateCreated TEXT NOT NULL,
  derivationPath TEXT,
  did TEXT NOT NULL,
  identityEncrBase64 TEXT,
  mnemonicEncrBase64 TEXT,
  passkeyCredIdHex TEXT,
  publicKeyHex TEXT NOT NULL
)`,
    'CREATE INDEX idx_accounts_did ON accounts (did)',
    `CREATE TABLE settings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  accountDid TEXT,
  activeDid TEXT,
  apiServer TEXT,
  filterFeedByNearby BOOLEAN,
  filterFeedByVisible BOOLEAN,
  finishedOnboarding BOOLEAN,
  firstName TEXT,
  hideRegisterPromptOnNewContact BOOLEAN,
  isRegistered BOOLEAN,
  lastName TEXT,
  lastAckedOfferToUserJwtId TEXT,
  lastAckedOfferToUserProjectsJwtId TEXT,
  lastNotifiedClaimId TEXT,
  lastViewedClaimId TEXT,
  notifyingNewActivityTime TEXT,
  notifyingReminderMessage TEXT,
  notifyingReminderTime TEXT,
  partnerApiServer TEXT,
  passkeyExpirationMinutes INTEGER,
  profileImageUrl TEXT,
  searchBoxes TEXT,
  showContactGivesInline BOOLEAN,
  showGeneralAdvanced BOOLEAN,
  showShortcutBvc BOOLEAN,
  vapid TEXT,
  warnIfProdServer BOOLEAN,
  warnIfTestServer BOOLEAN,
  webPushServer TEXT,
  hasBackedUpSeed BOOLEAN
)`,
    'CREATE UNIQUE INDEX idx_settings_accountDid ON settings (accountDid)',
    `CREATE TABLE contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  did TEXT NOT NULL,
  name TEXT,
  contactMethods TEXT,
  nextPubKeyHashB64 TEXT,
  notes TEXT,
  profileImageUrl TEXT,
  publicKeyBase64 TEXT,
  seesMe BOOLEAN,
  registered BOOLEAN,
  iViewContent BOOLEAN DEFAULT 1
)`,
    'CREATE INDEX idx_contacts_did ON contacts (did)',
    'CREATE INDEX idx_contacts_name ON contacts (name)',
    'CREATE TABLE secret (id INTEGER PRIMARY KEY AUTOINCREMENT, secretBase64 TEXT NOT NULL)',
    'CREATE TABLE logs (date TEXT NOT NULL, message TEXT NOT NULL)',
    'CREATE INDEX idx_logs_date ON logs (date)',
    'CREATE TABLE temp (id TEXT PRIMARY KEY, blobB64 TEXT)',
  ],
}
