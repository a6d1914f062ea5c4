import fc from 'fast-check'
import { insertRow } from '../../src/testing/legacy/insert-row.ts'
import type { Statement } from '../../src/db/statement.ts'
import type { SqlValue } from '../../src/db/values.ts'
import type { AccountsDraft } from './accounts-draft.ts'
import {
  chance,
  extraColumns,
  pick,
  quoted,
  referentialClause,
  renderTable,
  valueOf,
  type Generator,
} from './schema-draft.ts'
import type { SettingsDraft } from './settings-draft.ts'

const tableNames = [
  'invitations',
  "the user's table",
  'größe 🦉',
  '[odd]',
  'table',
  'settings_old',
  'accounts2',
  'say "hi"',
] as const

/** A parent that a user's foreign key may name, with values that are there. */
interface Parent {
  readonly table: string
  readonly column: string
  readonly values: readonly SqlValue[]
}

const fewRows = () => fc.nat(4)
const fewTables = () => fc.nat(3)

/** Tables of the user's own, with foreign keys into accounts and settings, orphans among their rows. */
export function draftUserTables(g: Generator, accounts: AccountsDraft, settings: SettingsDraft): Statement[] {
  const parents: Parent[] = [
    ...accounts.parents.map((column) => ({
      table: 'accounts',
      column,
      values: column === 'did' ? accounts.dids : accounts.ids,
    })),
    ...settings.parents.map((column) => ({
      table: 'settings',
      column,
      values: settings.rows.map((row) => row[column]),
    })),
  ]
  return tableNames.slice(0, g(fewTables)).flatMap((name) => draftUserTable(g, name, pick(g, parents)))
}

function draftUserTable(g: Generator, name: string, parent: Parent): Statement[] {
  const withoutRowid = chance(g, 20)
  const ownKey = withoutRowid
    ? 'TEXT PRIMARY KEY NOT NULL'
    : pick(g, ['INTEGER PRIMARY KEY AUTOINCREMENT', 'INTEGER PRIMARY KEY', 'TEXT'])
  const orphans = chance(g, 15)
  const keyOf = (index: number): SqlValue => (ownKey.startsWith('TEXT') ? `key ${index}` : index * 7 + 2)
  const referring = (): SqlValue => {
    if (orphans && chance(g, 30)) return 'nobody'
    return parent.values.length > 0 && chance(g, 85) ? pick(g, parent.values) : null
  }
  const columns = [
    { name: 'key', definition: ownKey, value: keyOf },
    {
      name: 'parent',
      definition: `REFERENCES ${pick(g, [parent.table, `"${parent.table}"`])}(${parent.column})${referentialClause(g)}`,
      value: referring,
    },
    ...extraColumns(g, 2, 'parent'),
  ]
  const table = { name, columns, constraints: [], suffix: withoutRowid ? ' WITHOUT ROWID' : '' }
  const rows = Array.from({ length: g(fewRows) }, (_, index) => insertRow(name, rowOf(columns, index)))
  return [{ text: renderTable(g, table) }, ...rows]
}

/** A row's values, generated columns and those left to their default not among them. */
export function rowOf(
  columns: readonly { readonly name: string; readonly value?: (index: number) => SqlValue }[],
  index: number,
): Record<string, SqlValue> {
  const row = Object.create(null) as Record<string, SqlValue>
  for (const { name, value } of columns) if (value) row[name] = value(index)
  return row
}

interface Choice {
  readonly sql: string
  readonly percent: number
  /** Whether the object reads or writes `settings.activeDid`. */
  readonly readsActiveDid?: true
}

const views: readonly Choice[] = [
  { sql: 'CREATE VIEW account_dids AS SELECT did FROM accounts', percent: 25 },
  { sql: 'CREATE VIEW "settings by account" AS SELECT id, accountDid FROM settings -- as they are', percent: 25 },
  {
    sql: 'CREATE VIEW joined AS SELECT a.did, s.id FROM accounts AS a LEFT JOIN settings AS s ON s.accountDid = a.did',
    percent: 20,
  },
  { sql: "CREATE VIEW misleading AS SELECT id AS activeDid2, 'activeDid' AS word FROM settings", percent: 10 },
  { sql: 'CREATE VIEW broken AS SELECT * FROM no_such_table', percent: 5 },
  {
    sql: 'CREATE VIEW totals(n, m) AS WITH c AS (SELECT count(*) AS n FROM accounts) SELECT n, n + 1 FROM c',
    percent: 10,
  },
  { sql: 'CREATE VIEW active AS SELECT activeDid FROM settings WHERE id = 1', percent: 3, readsActiveDid: true },
  { sql: 'CREATE VIEW quoted_active AS SELECT "activeDid" AS a FROM settings', percent: 3, readsActiveDid: true },
  { sql: 'CREATE VIEW everything AS SELECT * FROM settings', percent: 3, readsActiveDid: true },
  {
    sql: 'CREATE VIEW filtered AS SELECT s.id FROM settings s WHERE s.[ACTIVEDID] IS NOT NULL',
    percent: 3,
    readsActiveDid: true,
  },
]

const audit = 'INSERT INTO audit (event) VALUES'

const triggers: readonly Choice[] = [
  { sql: `CREATE TRIGGER accounts_in AFTER INSERT ON accounts BEGIN ${audit} ('in ' || NEW.did); END`, percent: 20 },
  {
    sql: `CREATE TRIGGER accounts_up AFTER UPDATE ON accounts BEGIN ${audit} (OLD.did); ${audit} (CASE WHEN 1 THEN 'x' END); END`,
    percent: 15,
  },
  { sql: `CREATE TRIGGER accounts_out BEFORE DELETE ON accounts BEGIN ${audit} ('out'); END`, percent: 15 },
  { sql: `CREATE TRIGGER "settings's in" AFTER INSERT ON settings BEGIN ${audit} ('in'); END`, percent: 15 },
  { sql: `CREATE TRIGGER settings_up AFTER UPDATE ON settings BEGIN ${audit} ('up ' || NEW.id); END`, percent: 20 },
  {
    sql: `CREATE TRIGGER settings_out AFTER DELETE ON "settings" WHEN OLD.id > 0 BEGIN ${audit} ('out'); END`,
    percent: 15,
  },
  {
    sql: "CREATE TRIGGER no_up BEFORE UPDATE ON settings BEGIN SELECT RAISE(ABORT, 'settings are final'); END",
    percent: 6,
  },
  { sql: 'CREATE TRIGGER no_out BEFORE DELETE ON settings BEGIN SELECT RAISE(IGNORE); END', percent: 6 },
  {
    sql: `CREATE TRIGGER audit_reads AFTER INSERT ON audit WHEN EXISTS (SELECT 1 FROM settings WHERE accountDid IS NULL) BEGIN SELECT 1; END`,
    percent: 8,
  },
  {
    sql: `CREATE TRIGGER active_up AFTER UPDATE OF activeDid ON settings BEGIN ${audit} ('switched'); END`,
    percent: 3,
    readsActiveDid: true,
  },
  {
    sql: `CREATE TRIGGER active_new AFTER INSERT ON settings BEGIN ${audit} (NEW.activeDid); END`,
    percent: 3,
    readsActiveDid: true,
  },
  {
    sql: 'CREATE TRIGGER account_first AFTER INSERT ON accounts BEGIN UPDATE settings SET activeDid = NEW.did WHERE id = 1; END',
    percent: 3,
    readsActiveDid: true,
  },
]

/** The user's views and triggers, made when everything is filled. */
export function draftUserObjects(g: Generator): { statements: Statement[]; activeDidViews: string[] } {
  const chosenViews = views.filter(({ percent }) => chance(g, percent))
  const chosenTriggers = triggers.filter(({ percent }) => chance(g, percent))
  const instead =
    chosenViews.some(({ sql }) => sql.includes('account_dids')) && chance(g, 40)
      ? [
          'CREATE TRIGGER instead INSTEAD OF INSERT ON account_dids BEGIN INSERT INTO accounts (did) VALUES (NEW.did); END',
        ]
      : []
  const viewOnView =
    chosenViews.some(({ sql }) => sql.includes('joined')) && chance(g, 40)
      ? ['CREATE VIEW second AS SELECT did FROM joined']
      : []
  const texts = [
    ...(chosenTriggers.length > 0 ? [`CREATE TABLE audit (event, ${quoted(g, 'at')} TEXT DEFAULT 'then')`] : []),
    ...chosenViews.map(({ sql }) => sql),
    ...viewOnView,
    ...chosenTriggers.map(({ sql }) => sql),
    ...instead,
  ]
  return {
    statements: texts.map((text) => ({ text })),
    activeDidViews: chosenViews
      .filter(({ readsActiveDid }) => readsActiveDid)
      .map(({ sql }) => /CREATE VIEW (\w+)/.exec(sql)?.[1] ?? ''),
  }
}

/** Tables of kinds that a plain one is not: STRICT, a full-text index, an empty one, one with a column called rowid. */
export function draftOddTables(g: Generator, engine: { fullText: boolean }): Statement[] {
  return [
    ...(chance(g, 8)
      ? [
          { text: 'CREATE TABLE strict_one (id INTEGER PRIMARY KEY, t TEXT, b BLOB, a ANY) STRICT' },
          insertRow('strict_one', { t: 'text', b: Uint8Array.of(0, 1), a: valueOf(g) }),
        ]
      : []),
    ...(engine.fullText && chance(g, 5)
      ? [
          { text: 'CREATE VIRTUAL TABLE search USING fts5(body)' },
          insertRow('search', { body: 'words that somebody looks for' }),
        ]
      : []),
    ...(chance(g, 8) ? [{ text: 'CREATE TABLE "empty one" (rowid, _rowid_ TEXT)' }] : []),
    ...(chance(g, 5)
      ? [
          { text: 'CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent REFERENCES nodes ON DELETE CASCADE)' },
          insertRow('nodes', { id: 1, parent: 2 }),
          insertRow('nodes', { id: 2, parent: 1 }),
        ]
      : []),
  ]
}

/** Contacts, with any value anywhere. */
export function draftContacts(g: Generator): Statement[] {
  if (chance(g, 40)) return []
  const definition = 'did TEXT NOT NULL, name TEXT, contactMethods, notes BLOB, seesMe BOOLEAN, "registered at" REAL'
  const names = ['did', 'name', 'contactMethods', 'notes', 'seesMe', 'registered at']
  const rows = Array.from({ length: g(fewRows) }, (_, index) =>
    insertRow(
      'contacts',
      Object.fromEntries(names.map((name) => [name, name === 'did' ? `did:web:c${index}` : valueOf(g)])),
    ),
  )
  return [{ text: `CREATE TABLE contacts (id INTEGER PRIMARY KEY AUTOINCREMENT, ${definition})` }, ...rows]
}
