import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { checkStatement } from '../../src/db/statement.ts'
import { buildLegacyDatabase, type LegacyDatabaseOptions } from '../../src/testing/legacy/index.ts'

/** Column names as API.md lists them for a legacy database. */
const columns = {
  accounts:
    'id, dateCreated, derivationPath, did, identityEncrBase64, mnemonicEncrBase64, passkeyCredIdHex, publicKeyHex',
  settings:
    'id, accountDid, activeDid, apiServer, filterFeedByNearby, filterFeedByVisible, finishedOnboarding, firstName, hideRegisterPromptOnNewContact, isRegistered, lastName, lastAckedOfferToUserJwtId, lastAckedOfferToUserProjectsJwtId, lastNotifiedClaimId, lastViewedClaimId, notifyingNewActivityTime, notifyingReminderMessage, notifyingReminderTime, partnerApiServer, passkeyExpirationMinutes, profileImageUrl, searchBoxes, showContactGivesInline, showGeneralAdvanced, showShortcutBvc, vapid, warnIfProdServer, warnIfTestServer, webPushServer, hasBackedUpSeed',
  contacts:
    'id, did, name, contactMethods, nextPubKeyHashB64, notes, profileImageUrl, publicKeyBase64, seesMe, registered, iViewContent',
  secret: 'id, secretBase64',
  logs: 'date, message',
  temp: 'id, blobB64',
}

function build(options: LegacyDatabaseOptions = {}): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec('PRAGMA foreign_keys = OFF')
  for (const statement of buildLegacyDatabase(options)) {
    const { text, params } = checkStatement(statement)
    database.prepare(text).run(...(params as SQLInputValue[]))
  }
  return database
}

function values(database: DatabaseSync, query: string): unknown[] {
  return database
    .prepare(query)
    .all()
    .map((row) => Object.values(row)[0])
}

const everything: LegacyDatabaseOptions = {
  additions: ['tables', 'columns', 'views', 'view-of-active-did', 'triggers', 'indexes'],
  migrations: true,
}

describe('buildLegacyDatabase', () => {
  test.each(Object.entries(columns))('makes %s with the full legacy columns', (table, names) => {
    expect(values(build(), `SELECT name FROM pragma_table_info('${table}')`).join(', ')).toBe(names)
  })

  test('gives the same statements for the same options, and others for another seed', () => {
    expect(buildLegacyDatabase(everything)).toEqual(buildLegacyDatabase(everything))
    expect(buildLegacyDatabase({ seed: 2 })).not.toEqual(buildLegacyDatabase({ seed: 1 }))
  })

  test('writes as many accounts, contacts and logs as asked', () => {
    const database = build({ accounts: 7, contacts: 11, logs: 13 })
    expect(values(database, 'SELECT count(*) FROM accounts')).toEqual([7])
    expect(values(database, 'SELECT count(*) FROM contacts')).toEqual([11])
    expect(values(database, 'SELECT count(*) FROM logs')).toEqual([13])
    expect(values(database, 'SELECT count(*) FROM settings')).toEqual([8])
  })

  test('valid: the master row names an account', () => {
    const query = 'SELECT count(*) FROM settings s JOIN accounts a ON a.did = s.activeDid WHERE s.id = 1'
    expect(values(build(), query)).toEqual([1])
  })

  test('none: the master row names nothing, as NULL or as empty text', () => {
    expect(values(build({ state: 'none' }), 'SELECT activeDid FROM settings WHERE id = 1')).toEqual([null])
    const empty = build({ state: 'none', noneAs: 'empty' })
    expect(values(empty, 'SELECT activeDid FROM settings WHERE id = 1')).toEqual([''])
  })

  test('orphan: the master row names a DID that no account has', () => {
    const query = 'SELECT count(*) FROM settings WHERE id = 1 AND activeDid NOT IN (SELECT did FROM accounts)'
    expect(values(build({ state: 'orphan' }), query)).toEqual([1])
  })

  test('duplicate: two accounts share the active DID and have different keys', () => {
    const database = build({ state: 'duplicate' })
    const shared =
      'SELECT did FROM accounts GROUP BY did HAVING count(*) = 2 AND count(DISTINCT mnemonicEncrBase64) = 2'
    expect(values(database, shared)).toEqual(values(database, 'SELECT activeDid FROM settings WHERE id = 1'))
    expect(() => buildLegacyDatabase({ state: 'duplicate', accounts: 1 })).toThrow(RangeError)
  })

  test('keeps the id of settings as text when asked', () => {
    expect(values(build({ settingsId: 'text' }), 'SELECT DISTINCT typeof(id) FROM settings')).toEqual(['text'])
  })

  test('leaves out the master row, and the rows of single accounts', () => {
    expect(values(build({ masterRow: false }), 'SELECT count(*) FROM settings WHERE id = 1')).toEqual([0])
    expect(values(build({ accountSettings: false }), 'SELECT id FROM settings')).toEqual([1])
  })

  test.each([
    ['own', 'activeDid = accountDid'],
    ['orphan', "activeDid <> accountDid AND activeDid LIKE 'did:%'"],
    ['empty', "activeDid = ''"],
    ['null', 'activeDid IS NULL'],
  ] as const)('writes %s activeDid values into the rows of single accounts', (accountActiveDid, condition) => {
    const query = `SELECT count(*) FROM settings WHERE accountDid IS NOT NULL AND ${condition}`
    expect(values(build({ accountActiveDid }), query)).toEqual([3])
  })

  test.each([
    ['not-null-cascade', 'CASCADE', ''],
    ['set-null', 'SET NULL', null],
    ['restrict', 'RESTRICT', null],
  ] as const)('makes the earlier active_identity: %s', (activeIdentity, onDelete, none) => {
    const database = build({ activeIdentity, state: 'none' })
    expect(values(database, "SELECT on_delete FROM pragma_foreign_key_list('active_identity')")).toEqual([onDelete])
    expect(values(database, 'SELECT activeDid FROM active_identity')).toEqual([none])
    expect(values(database, 'SELECT name FROM migrations').length).toBeGreaterThan(2)
  })

  test('lets the earlier active_identity differ from the settings', () => {
    const newer = build({ activeIdentity: 'restrict', activeIdentityValue: 'newer' })
    const query = 'SELECT activeDid = (SELECT did FROM accounts WHERE id = 3) FROM active_identity'
    expect(values(newer, query)).toEqual([1])
    const none = build({ activeIdentity: 'set-null', activeIdentityValue: 'no-row' })
    expect(values(none, 'SELECT count(*) FROM active_identity')).toEqual([0])
  })

  test('adds what a user may have added, with foreign keys that hold', () => {
    const database = build({ ...everything, uniqueDids: true })
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    const kinds = values(database, 'SELECT DISTINCT type FROM sqlite_schema ORDER BY type')
    expect(kinds).toEqual(['index', 'table', 'trigger', 'view'])
    const parents = `SELECT DISTINCT f."table" || '.' || f."to" FROM sqlite_schema s, pragma_foreign_key_list(s.name) f`
    expect(values(database, parents).toSorted()).toEqual(['accounts.did', 'accounts.id', 'settings.id'])
  })

  test('writes key material that calls itself fake', () => {
    const database = build()
    expect(values(database, "SELECT count(*) FROM accounts WHERE mnemonicEncrBase64 NOT LIKE 'FAKE-%'")).toEqual([0])
    expect(values(database, "SELECT count(*) FROM secret WHERE secretBase64 NOT LIKE 'FAKE-%'")).toEqual([0])
  })
})
