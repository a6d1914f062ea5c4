import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { orphansOf } from './orphan-query.ts'
import { readForeignKeys, type ForeignKey } from './read-foreign-keys.ts'

/** A row whose parent is missing. */
export interface ForeignKeyViolation {
  readonly table: string
  /** `null` in a WITHOUT ROWID table. */
  readonly rowid: number | bigint | null
  readonly parent: string
  /** The constraint's number in `PRAGMA foreign_key_list`: it changes when another constraint comes or goes. */
  readonly fkid: number
  /** The constraint's columns, by which it is known before and after a change. */
  readonly columns: readonly string[]
}

/** A violation with what tells its row from others where it has no number. It holds values: nobody is shown it. */
export interface IdentifiedViolation extends ForeignKeyViolation {
  /** The row's primary key. */
  readonly key?: string
}

type Reader = Pick<Queryable, 'query'>

/**
 * Every row of every table whose parent is missing, as `PRAGMA foreign_key_check` finds them. Where a parent key has no
 * unique index that pragma fails for the whole database; the tables it fails on are then checked by a query that compares
 * as a foreign key would, so that rows are judged alike before and after a patch that adds the index.
 */
export async function foreignKeyViolations(tx: Reader): Promise<ForeignKeyViolation[]> {
  return (await identifiedViolations(tx)).map(withoutKey)
}

/** The same, to be held against each other by {@link newViolations}. */
export async function identifiedViolations(tx: Reader): Promise<IdentifiedViolation[]> {
  const found = await checkByPragma(tx)
  if (found?.length === 0) return []
  const keys = await readForeignKeys(tx)
  const violations: IdentifiedViolation[] = []
  for (const table of new Set(keys.map((key) => key.table))) {
    const own = keys.filter((key) => key.table === table)
    const inTable = found ? found.filter((violation) => violation.table === table) : await checkByPragma(tx, table)
    // Without row numbers the pragma only counts.
    if (inTable?.every(({ rowid }) => rowid !== null)) {
      violations.push(...inTable.map((violation) => withColumns(violation, own)))
    } else for (const key of own) violations.push(...(await orphansOf(tx, key)))
  }
  return violations
}

/** What may be shown. */
export function withoutKey({ key: _key, ...violation }: IdentifiedViolation): ForeignKeyViolation {
  return violation
}

/** What is in `after` and was not in `before`, each row counted as often as it occurs. */
export function newViolations<V extends IdentifiedViolation>(
  before: readonly IdentifiedViolation[],
  after: readonly V[],
): V[] {
  const known = new Map<string, number>()
  for (const violation of before) known.set(identity(violation), (known.get(identity(violation)) ?? 0) + 1)
  return after.filter((violation) => {
    const left = known.get(identity(violation)) ?? 0
    known.set(identity(violation), left - 1)
    return left <= 0
  })
}

// The parent's name is left out: a renaming changes it, and the row lacks the same parent as before.
function identity({ table, rowid, columns, key }: IdentifiedViolation): string {
  return JSON.stringify([foldName(table), rowid === null ? null : String(rowid), columns.map(foldName), key])
}

type FoundViolation = Omit<ForeignKeyViolation, 'columns'>

/** `undefined` when the pragma cannot check because a parent key is not unique. */
async function checkByPragma(tx: Reader, table?: string): Promise<FoundViolation[] | undefined> {
  try {
    const rows = await tx.query({
      text: `PRAGMA foreign_key_check${table === undefined ? '' : `(${quoteName(table)})`}`,
    })
    return rows.map((row) => ({
      table: String(row.table),
      rowid: row.rowid as number | bigint | null,
      parent: String(row.parent),
      fkid: Number(row.fkid),
    }))
  } catch (error) {
    if (error instanceof DataLayerError && /foreign key mismatch/.test(error.message)) return undefined
    throw error
  }
}

function withColumns(violation: FoundViolation, keys: readonly ForeignKey[]): ForeignKeyViolation {
  const key = keys.find(({ table, fkid }) => fkid === violation.fkid && foldName(table) === foldName(violation.table))
  return { ...violation, columns: key?.columns ?? [] }
}
