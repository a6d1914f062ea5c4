import type { Check } from '../../db/migration/component.ts'
import type { Queryable } from '../../db/database.ts'
import { sql } from '../../db/sql.ts'
import { foldName } from '../../db/sql-text/names.ts'

/** What an earlier app made of active_identity, for a rollback that gives it back. */
export interface EarlierTable {
  readonly sql: string
  readonly indexes: readonly string[]
  /** Whether its activeDid takes no NULL. */
  readonly isRequired: boolean
  readonly row: { readonly activeDid: string | null; readonly lastUpdated?: string | null } | null
}

const columnsWeKnow = ['id', 'activedid', 'lastupdated']

/** A table of that name with other columns, or with several rows, is another app's. */
export const earlierTableIsKnown: Check = {
  name: 'active_identity is not there, or is a table with one active DID',
  code: 'foreign-schema',
  message: 'active_identity is there and is not a table with one active DID.',
  rows: async (tx) => {
    const object = await find(tx)
    if (!object) return []
    const names = await columnNames(tx)
    const isTable = object.type === 'table' && names.includes('id') && names.includes('activedid')
    const isKnown = isTable && names.every((name) => columnsWeKnow.includes(name))
    const isOneRow =
      isKnown && (await tx.queryOne(sql`SELECT 1 FROM active_identity WHERE id IS NOT 1 LIMIT 1`)) === undefined
    return isOneRow ? [] : [{ type: object.type, name: 'active_identity', columns: names.join(', ') }]
  },
}

export async function readEarlierTable(tx: Queryable): Promise<EarlierTable | undefined> {
  const object = await find(tx)
  if (!object) return undefined
  const indexes = await tx.query<{ sql: string }>(
    sql`SELECT sql FROM sqlite_schema WHERE type = 'index' AND lower(tbl_name) = 'active_identity' AND sql IS NOT NULL ORDER BY rowid`,
  )
  const hasTime = (await columnNames(tx)).includes('lastupdated')
  const row = await tx.queryOne<{ did: string | null; time: string | null }>({
    text: `SELECT activeDid AS did, ${hasTime ? 'lastUpdated' : 'NULL'} AS time FROM active_identity`,
  })
  return {
    sql: object.sql,
    indexes: indexes.map((index) => index.sql),
    isRequired:
      (await tx.queryOne(
        sql`SELECT 1 FROM pragma_table_info('active_identity') WHERE lower(name) = 'activedid' AND "notnull" = 1`,
      )) !== undefined,
    row: row ? { activeDid: asText(row.did), ...(hasTime ? { lastUpdated: asText(row.time) } : {}) } : null,
  }
}

async function find(tx: Queryable): Promise<{ type: string; sql: string } | undefined> {
  return tx.queryOne<{ type: string; sql: string }>(
    sql`SELECT type, sql FROM sqlite_schema WHERE lower(name) = 'active_identity'`,
  )
}

async function columnNames(tx: Queryable): Promise<string[]> {
  const columns = await tx.query<{ name: string }>(sql`SELECT name FROM pragma_table_info('active_identity')`)
  return columns.map(({ name }) => foldName(name))
}

function asText(value: unknown): string | null {
  return value === null ? null : String(value)
}
