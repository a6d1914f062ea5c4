import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import { sameName } from '../../sql-text/names.ts'
import { rowidName } from '../patches/rowid-name.ts'
import type { IdentifiedViolation } from './foreign-keys.ts'
import type { ForeignKey } from './read-foreign-keys.ts'

interface Column {
  readonly name: string
  readonly type: string
  readonly pk: number
}

/**
 * The rows of a foreign key that have no parent, found without its index: a key with a NULL in it has no parent to miss,
 * and a key whose parent columns are not there misses all of them.
 */
export async function orphansOf(tx: Pick<Queryable, 'query'>, key: ForeignKey): Promise<IdentifiedViolation[]> {
  const child = await columnsOf(tx, key.table)
  const parentColumns = parentKey(key, await columnsOf(tx, key.parent))
  const complete = key.columns.map((column) => `c.${quoteName(column)} IS NOT NULL`)
  // The unary plus takes the child's affinity away; on the left stands the parent, whose affinity and collation then
  // decide, as they do for a foreign key (sqlite.org/foreignkeys.html §3).
  const matches = parentColumns?.map(
    (column, index) => `p.${quoteName(column)} = +c.${quoteName(key.columns[index] ?? '')}`,
  )
  const parent = matches
    ? [`NOT EXISTS (SELECT 1 FROM ${quoteName(key.parent)} AS p WHERE ${matches.join(' AND ')})`]
    : []
  const rowid = await rowidOf(tx, key.table, child)
  const primary = rowid ? [] : child.filter(({ pk }) => pk > 0).map(({ name }) => `quote(c.${quoteName(name)})`)
  const rows = await tx.query({
    text: `SELECT ${rowid ? `c.${rowid}` : 'NULL'} AS id, ${primary.length > 0 ? primary.join(" || ',' || ") : 'NULL'} AS "key"
      FROM ${quoteName(key.table)} AS c WHERE ${[...complete, ...parent].join(' AND ')}`,
  })
  const { table, parent: parentTable, fkid, columns } = key
  return rows.map((row) => ({
    ...{ table, rowid: row.id as number | bigint | null, parent: parentTable, fkid, columns },
    ...(row.key === null ? {} : { key: String(row.key) }),
  }))
}

/** The parent's columns that the key names, or its primary key; `undefined` where it has no such columns. */
function parentKey(key: ForeignKey, parent: readonly Column[]): readonly string[] | undefined {
  const primary = parent.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk)
  const wanted = key.parentColumns.length > 0 ? key.parentColumns : primary.map(({ name }) => name)
  const there = wanted.every((column) => parent.some(({ name }) => sameName(name, column)))
  return there && wanted.length === key.columns.length ? wanted : undefined
}

async function columnsOf(tx: Pick<Queryable, 'query'>, table: string): Promise<Column[]> {
  return tx.query<{ name: string; type: string; pk: number }>({
    text: 'SELECT name, type, pk FROM pragma_table_xinfo(?)',
    params: [table],
  })
}

/** How the rowid is read: by a name that no column has, or by the column that is the rowid. */
async function rowidOf(
  tx: Pick<Queryable, 'query'>,
  table: string,
  columns: readonly Column[],
): Promise<string | undefined> {
  const [kind] = await tx.query({
    text: `SELECT wr, (SELECT count(*) FROM pragma_index_list(?1) WHERE origin = 'pk') AS keys
      FROM pragma_table_list(?1) WHERE schema = 'main'`,
    params: [table],
  })
  if (kind?.wr !== 0) return undefined
  const primary = columns.filter(({ pk }) => pk > 0)
  const alias = kind.keys === 0 ? primary.find(({ type }) => type.toUpperCase() === 'INTEGER') : undefined
  return rowidName(columns.map(({ name }) => name)) ?? (alias && quoteName(alias.name))
}
