import type { LegacyDatabaseOptions } from './legacy-options.ts'

const settingsColumns: readonly (readonly [name: string, type: string])[] = [
  ['accountDid', 'TEXT'],
  ['activeDid', 'TEXT'],
  ['apiServer', 'TEXT'],
  ['filterFeedByNearby', 'BOOLEAN'],
  ['filterFeedByVisible', 'BOOLEAN'],
  ['finishedOnboarding', 'BOOLEAN'],
  ['firstName', 'TEXT'],
  ['hideRegisterPromptOnNewContact', 'BOOLEAN'],
  ['isRegistered', 'BOOLEAN'],
  ['lastName', 'TEXT'],
  ['lastAckedOfferToUserJwtId', 'TEXT'],
  ['lastAckedOfferToUserProjectsJwtId', 'TEXT'],
  ['lastNotifiedClaimId', 'TEXT'],
  ['lastViewedClaimId', 'TEXT'],
  ['notifyingNewActivityTime', 'TEXT'],
  ['notifyingReminderMessage', 'TEXT'],
  ['notifyingReminderTime', 'TEXT'],
  ['partnerApiServer', 'TEXT'],
  ['passkeyExpirationMinutes', 'INTEGER'],
  ['profileImageUrl', 'TEXT'],
  ['searchBoxes', 'TEXT'],
  ['showContactGivesInline', 'BOOLEAN'],
  ['showGeneralAdvanced', 'BOOLEAN'],
  ['showShortcutBvc', 'BOOLEAN'],
  ['vapid', 'TEXT'],
  ['warnIfProdServer', 'BOOLEAN'],
  ['warnIfTestServer', 'BOOLEAN'],
  ['webPushServer', 'TEXT'],
  ['hasBackedUpSeed', 'BOOLEAN DEFAULT FALSE'],
]

/** The full legacy schema. `accounts.did` has a plain index only, so nothing keeps two accounts from sharing a DID. */
export function legacySchema(options: LegacyDatabaseOptions): string[] {
  const extra = (text: string) => (options.additions?.includes('columns') ? text : '')
  const settingsId = options.settingsId === 'text' ? 'id TEXT PRIMARY KEY' : 'id INTEGER PRIMARY KEY AUTOINCREMENT'
  return [
    `CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dateCreated TEXT NOT NULL,
  derivationPath TEXT,
  did TEXT NOT NULL${options.uniqueDids ? ' UNIQUE' : ''},
  identityEncrBase64 TEXT, -- encrypted by the app
  mnemonicEncrBase64 TEXT,
  passkeyCredIdHex TEXT,
  publicKeyHex TEXT NOT NULL${extra(",\n  \"the user's note\" TEXT DEFAULT 'none, yet'")}
)`,
    'CREATE INDEX idx_accounts_did ON accounts(did)',
    `CREATE TABLE secret (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  secretBase64 TEXT NOT NULL
)`,
    `CREATE TABLE settings (
  ${settingsId},
  ${settingsColumns.map((column) => column.join(' ')).join(',\n  ')}${extra(',\n  [order] REAL, `größe` BLOB')}
)`,
    'CREATE UNIQUE INDEX idx_settings_accountDid ON settings(accountDid)',
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
  iViewContent BOOLEAN DEFAULT TRUE
)`,
    'CREATE INDEX idx_contacts_did ON contacts(did)',
    'CREATE INDEX idx_contacts_name ON contacts(name)',
    'CREATE TABLE logs (date TEXT NOT NULL, message TEXT NOT NULL)',
    'CREATE TABLE temp (id TEXT PRIMARY KEY, blobB64 TEXT)',
  ]
}
