import fc from 'fast-check'
import type { SqlValue } from '../../src/db/values.ts'
import type { AccountsDraft } from './accounts-draft.ts'
import {
  chance,
  extraColumns,
  pick,
  referentialClause,
  shuffle,
  valueOf,
  type ColumnDraft,
  type Generator,
  type TableDraft,
} from './schema-draft.ts'

export interface SettingsDraft {
  readonly table: TableDraft
  readonly rows: readonly SettingsRow[]
  readonly parents: readonly ('id' | 'accountDid')[]
  readonly indexes: readonly string[]
  readonly autoincrement: boolean
}

export interface SettingsRow {
  readonly id: SqlValue
  readonly accountDid: string | null
  readonly activeDid: SqlValue
}

const keys = {
  autoincrement: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  integer: 'INTEGER PRIMARY KEY',
  text: 'TEXT PRIMARY KEY',
  'not quite the rowid': 'INT PRIMARY KEY',
  'integer without rowid': 'INTEGER PRIMARY KEY',
  'text without rowid': 'TEXT PRIMARY KEY NOT NULL',
  'no key': '',
} as const

const keyNames = Object.keys(keys) as (keyof typeof keys)[]

/** The table of settings: a master row or none, rows of single accounts with an activeDid of their own, odd columns. */
export function draftSettings(g: Generator, { dids }: AccountsDraft): SettingsDraft {
  const key = chance(g, 40) ? 'autoincrement' : pick(g, keyNames)
  const activeDidNotNull = chance(g, 10)
  const accountDidUnique = chance(g, 20)
  const rows = draftRows(g, dids, {
    text: key.startsWith('text') || (key === 'no key' && chance(g, 50)),
    activeDidNotNull,
  })
  const columns: ColumnDraft[] = [
    { name: 'id', definition: keys[key], value: (index) => rows[index]?.id ?? null },
    {
      name: 'accountDid',
      definition: `TEXT${accountDidUnique ? ' UNIQUE' : ''}${chance(g, 10) ? ` REFERENCES accounts(did)${referentialClause(g)}` : ''}`,
      value: (index) => rows[index]?.accountDid ?? null,
    },
    {
      name: 'activeDid',
      definition: activeDidNotNull ? "TEXT NOT NULL DEFAULT ''" : draftActiveDidType(g),
      value: (index) => rows[index]?.activeDid ?? null,
    },
    ...(chance(g, 60) ? fullColumns(g) : []),
    ...extraColumns(g, 3, 'id'),
  ]
  return {
    table: {
      name: 'settings',
      columns: shuffle(g, columns),
      constraints: [
        ...(chance(g, 2) ? ["CHECK (activeDid IS NULL OR activeDid NOT LIKE 'x%')"] : []),
        ...(chance(g, 2) ? [`FOREIGN KEY (activeDid) REFERENCES accounts(did)${referentialClause(g)}`] : []),
        ...(chance(g, 2) ? ['UNIQUE (id, activeDid)'] : []),
      ],
      suffix: key.endsWith('without rowid') ? ' WITHOUT ROWID' : '',
    },
    rows,
    parents: [
      ...(keys[key].includes('PRIMARY') ? (['id'] as const) : []),
      ...(accountDidUnique ? (['accountDid'] as const) : []),
    ],
    indexes: draftIndexes(g, accountDidUnique),
    autoincrement: key === 'autoincrement',
  }
}

function draftRows(
  g: Generator,
  dids: readonly string[],
  { text, activeDidNotNull }: { text: boolean; activeDidNotNull: boolean },
): SettingsRow[] {
  const idOf = (number: number): SqlValue => (text ? String(number) : number)
  const draftActiveDid = (): SqlValue => {
    if (chance(g, 1)) return pick(g, [42, 2n ** 53n + 1n, 1.5, Uint8Array.of(100, 105, 100), 'did:\0'])
    const own = dids.length > 0 ? pick(g, dids) : null
    const value = pick(g, [own, own, own, null, '', `did:ethr:0xorphan${g(anyNumber)}`])
    return activeDidNotNull ? (value ?? '') : value
  }
  const accountRows = dids
    .filter(() => chance(g, 60))
    .map((did, index) => ({ id: idOf(index + 2), accountDid: did, activeDid: draftActiveDid() }))
  const master = { id: idOf(1), accountDid: null, activeDid: draftActiveDid() }
  return shuffle(g, chance(g, 85) ? [master, ...accountRows] : accountRows)
}

const anyNumber = () => fc.nat(99)

function draftActiveDidType(g: Generator): string {
  return pick(g, [
    'TEXT',
    'TEXT',
    'TEXT',
    "TEXT DEFAULT ''",
    '',
    'VARCHAR(64) COLLATE NOCASE',
    `TEXT REFERENCES accounts(did)`,
  ])
}

function fullColumns(g: Generator): ColumnDraft[] {
  const flags = ['filterFeedByNearby', 'isRegistered', 'showShortcutBvc', 'warnIfTestServer']
  const texts = ['apiServer', 'firstName', 'lastName', 'profileImageUrl', 'vapid', 'webPushServer']
  return [
    ...flags.map((name): ColumnDraft => ({ name, definition: 'BOOLEAN', value: (index) => index % 2 })),
    ...texts.map((name): ColumnDraft => ({ name, definition: 'TEXT', value: () => valueOf(g) })),
    { name: 'passkeyExpirationMinutes', definition: 'INTEGER', value: () => valueOf(g) },
    { name: 'searchBoxes', definition: 'TEXT', value: () => pick(g, [null, '[]', '{ not json', '[object Object]']) },
    { name: 'hasBackedUpSeed', definition: 'BOOLEAN DEFAULT FALSE' },
  ]
}

function draftIndexes(g: Generator, accountDidUnique: boolean): string[] {
  return [
    ...(accountDidUnique || chance(g, 30)
      ? []
      : ['CREATE UNIQUE INDEX idx_settings_accountDid ON settings(accountDid)']),
    ...(chance(g, 20) ? ['CREATE INDEX idx_settings_activeDid ON settings(activeDid)'] : []),
    ...(chance(g, 3) ? ['CREATE INDEX "both dids" ON settings(accountDid, activeDid)'] : []),
    ...(chance(g, 3) ? ["CREATE INDEX active_only ON settings(id) WHERE activeDid <> ''"] : []),
    ...(chance(g, 3) ? ['CREATE INDEX lower_active ON settings(lower(activeDid))'] : []),
    ...(chance(g, 15) ? ['CREATE INDEX [by id; then] ON settings(id DESC, accountDid COLLATE NOCASE)'] : []),
  ]
}
