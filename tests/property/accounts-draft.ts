import fc from 'fast-check'
import type { SqlValue } from '../../src/db/values.ts'
import {
  chance,
  extraColumns,
  pick,
  shuffle,
  type ColumnDraft,
  type Generator,
  type TableDraft,
} from './schema-draft.ts'

export interface AccountsDraft {
  readonly table: TableDraft
  /** One for each row, in order. */
  readonly dids: readonly string[]
  /** Rows that have no DID, or an empty one. */
  readonly didless: readonly (string | null)[]
  /** Ids by row; empty where there is no such column. */
  readonly ids: readonly SqlValue[]
  /** Columns that a foreign key may refer to. */
  readonly parents: readonly ('did' | 'id')[]
  readonly indexes: readonly string[]
  readonly autoincrement: boolean
}

const keys = {
  autoincrement: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  integer: 'INTEGER PRIMARY KEY',
  text: 'TEXT PRIMARY KEY',
  plain: 'INTEGER',
  composite: 'INTEGER',
  did: undefined,
  'did without rowid': undefined,
  none: undefined,
} as const

const keyNames = Object.keys(keys) as (keyof typeof keys)[]

const fullColumns: readonly ColumnDraft[] = [
  { name: 'dateCreated', definition: 'TEXT NOT NULL', value: (index) => `2024-01-0${(index % 9) + 1}T00:00:00Z` },
  { name: 'derivationPath', definition: 'TEXT', value: (index) => `m/84737769'/0'/${index}'/0'` },
  { name: 'identityEncrBase64', definition: 'TEXT', value: (index) => `FAKE-identity-${index}` },
  { name: 'mnemonicEncrBase64', definition: 'TEXT', value: (index) => `FAKE-mnemonic-${index}` },
  { name: 'passkeyCredIdHex', definition: 'TEXT', value: () => null },
  { name: 'publicKeyHex', definition: 'TEXT NOT NULL', value: (index) => `04${index}` },
]

const fewRows = () => fc.nat(6)

/** The table of accounts: full or with its one required column, keyed in any way SQLite has. */
export function draftAccounts(g: Generator): AccountsDraft {
  const key = chance(g, 40) ? 'autoincrement' : pick(g, keyNames)
  const dids = draftDids(g)
  const idType = keys[key]
  const idOf = (index: number): SqlValue => (key === 'text' ? `account ${index}` : index * 3 + 1)
  const didIsKey = key === 'did' || key === 'did without rowid'
  const uniqueness = didIsKey ? ' PRIMARY KEY' : chance(g, 25) ? ' UNIQUE' : ''
  const required = chance(g, 50)
  const didless =
    required || didIsKey || key === 'composite' || !chance(g, 5) ? [] : pick(g, [[null], [null, null], ['']])
  const columns: ColumnDraft[] = [
    ...(idType ? [{ name: 'id', definition: idType, value: idOf }] : []),
    {
      name: 'did',
      definition: `${pick(g, ['TEXT', 'TEXT', 'VARCHAR(255)', ''])}${uniqueness}${required ? ' NOT NULL' : ''}`,
      value: (index) => [...dids, ...didless][index] ?? null,
    },
    ...(chance(g, 60) ? fullColumns : []),
    ...extraColumns(g, 3, 'did'),
  ]
  return {
    table: {
      name: 'accounts',
      columns: shuffle(g, columns),
      constraints: key === 'composite' ? ['PRIMARY KEY (id, did)'] : [],
      suffix: key === 'did without rowid' ? ' WITHOUT ROWID' : '',
    },
    dids,
    didless,
    ids: idType ? dids.map((_, index) => idOf(index)) : [],
    parents: idType?.includes('PRIMARY') ? ['did', 'id'] : ['did'],
    indexes: draftIndexes(g),
    autoincrement: key === 'autoincrement',
  }
}

function draftDids(g: Generator): string[] {
  const method = pick(g, ['ethr:0x', 'peer:0z', 'web:example.org:'])
  return Array.from({ length: g(fewRows) }, (_, index) => `did:${method}${chance(g, 10) ? "it's 🦉 " : ''}${index}`)
}

function draftIndexes(g: Generator): string[] {
  return [
    ...(chance(g, 60) ? ['CREATE INDEX idx_accounts_did ON accounts(did)'] : []),
    ...(chance(g, 15) ? ['CREATE UNIQUE INDEX "the user\'s" ON accounts(did DESC)'] : []),
    ...(chance(g, 15) ? ['CREATE INDEX long_dids ON accounts(length(did)) WHERE did IS NOT NULL'] : []),
  ]
}
