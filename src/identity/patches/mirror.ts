// While settings.activeDid is still there, an older version of the app may run on the same database: it reads the column
// and writes it. These triggers keep the column and active_identity saying the same. An unknown DID written there waits in
// the column until its account exists. Each ends the circle by writing only where something differs.
import type { ActiveDidColumn } from './master-rows.ts'

const isMaster = (row: string) => `${row}.id IN (1, '1')`
const now = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`

const intoSettings = (
  value: string,
) => `CREATE TRIGGER selfsame_mirror_to_settings AFTER UPDATE OF activeDid ON active_identity
BEGIN
  UPDATE settings SET activeDid = ${value}
  WHERE id IN (1, '1') AND ifnull(activeDid, '') IS NOT ifnull(NEW.activeDid, '');
END`

const takeOver = `UPDATE active_identity SET activeDid = (SELECT did FROM accounts WHERE did = NEW.activeDid), lastUpdated = ${now}
  WHERE activeDid IS NOT NEW.activeDid AND EXISTS (SELECT 1 FROM accounts WHERE did = NEW.activeDid);`

const fromUpdate = `CREATE TRIGGER selfsame_mirror_from_settings_update AFTER UPDATE OF activeDid, id ON settings WHEN ${isMaster('NEW')}
BEGIN
  UPDATE active_identity SET activeDid = NULL, lastUpdated = ${now}
  WHERE ifnull(NEW.activeDid, '') = '' AND activeDid IS NOT NULL;
  ${takeOver}
END`

// A new master row without a word on identity is the first settings save, not a wish to clear: it is told the active DID.
const fromInsert = ({
  isBlank,
}: ActiveDidColumn) => `CREATE TRIGGER selfsame_mirror_from_settings_insert AFTER INSERT ON settings WHEN ${isMaster('NEW')}
BEGIN
  UPDATE active_identity SET activeDid = NULL, lastUpdated = ${now} WHERE ${isBlank ? '0' : "NEW.activeDid = ''"} AND activeDid IS NOT NULL;
  ${takeOver}
  UPDATE settings SET activeDid = (SELECT activeDid FROM active_identity WHERE id = 1)
  WHERE id IN (1, '1') AND ${isBlank ? "ifnull(NEW.activeDid, '') = ''" : 'NEW.activeDid IS NULL'}
    AND EXISTS (SELECT 1 FROM active_identity WHERE activeDid IS NOT NULL);
END`

// NEW.did stands on the left, so that its collation decides, as it does for the foreign key.
const fromAccounts = (name: string, event: string) => `CREATE TRIGGER ${name} AFTER ${event} ON accounts
BEGIN
  UPDATE active_identity SET activeDid = NEW.did, lastUpdated = ${now}
  WHERE activeDid IS NOT NEW.did
    AND EXISTS (SELECT 1 FROM settings WHERE id IN (1, '1') AND NEW.did = activeDid AND activeDid <> '');
END`

export function createMirror(column: ActiveDidColumn): readonly string[] {
  const value = column.none === null ? 'NEW.activeDid' : "ifnull(NEW.activeDid, '')"
  return [
    intoSettings(value),
    fromUpdate,
    fromInsert(column),
    fromAccounts('selfsame_mirror_from_accounts_insert', 'INSERT'),
    fromAccounts('selfsame_mirror_from_accounts_update', 'UPDATE OF did'),
  ]
}

export const dropMirror: readonly string[] = [
  'DROP TRIGGER IF EXISTS selfsame_mirror_to_settings',
  'DROP TRIGGER IF EXISTS selfsame_mirror_from_settings_update',
  'DROP TRIGGER IF EXISTS selfsame_mirror_from_settings_insert',
  'DROP TRIGGER IF EXISTS selfsame_mirror_from_accounts_insert',
  'DROP TRIGGER IF EXISTS selfsame_mirror_from_accounts_update',
]
