import type { LegacyDatabaseOptions } from '../../src/testing/legacy/index.ts'
import { buildLegacyDatabase } from '../../src/testing/legacy/index.ts'
import { identityComponent } from '../../src/identity/component.ts'
import { openDatabase, type Engine, type TestDatabase } from '../db/migration/test-database.ts'

export const identity = [identityComponent()]

/** The identity component's patches, in order. */
export const patches = ['identity-0001', 'identity-0002', 'identity-0003', 'identity-0004', 'identity-0005'] as const

export const [alice, bob, carol] = ['did:ethr:0xaaaaaaaa01', 'did:ethr:0xbbbbbbbb02', 'did:ethr:0xcccccccc03'] as const
export const ghost = 'did:ethr:0xdeadbeef99'

/** The least a legacy database is. */
export const minimalTables = [
  'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)',
  'CREATE TABLE settings (id INTEGER PRIMARY KEY, accountDid TEXT, activeDid TEXT)',
]

/** Two accounts in the minimal tables. */
export const twoAccounts = [`INSERT INTO accounts (did) VALUES ('${alice}'), ('${bob}')`]

export async function openLegacy(options: LegacyDatabaseOptions = {}, engine?: Engine): Promise<TestDatabase> {
  const opened = await openDatabase(engine)
  await opened.runUnguarded(...buildLegacyDatabase(options))
  return opened
}

/** A database made of statements, foreign keys off while it is made. */
export async function openWith(statements: readonly string[], engine?: Engine): Promise<TestDatabase> {
  const opened = await openDatabase(engine)
  await opened.runUnguarded(...statements)
  return opened
}

export const activeDid = (opened: TestDatabase) => opened.value('SELECT activeDid FROM active_identity')
export const masterDid = (opened: TestDatabase) => opened.value("SELECT activeDid FROM settings WHERE id IN (1, '1')")
