import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { isCode, nameOf, tokenize } from '../../sql-text/tokenize.ts'
import type { LedgerEntry } from './ledger.ts'

/**
 * Tables that are there under a name which these patches say that they make, and that are not recorded as anybody's: where it
 * was not certain whose rows are in one, it is not the component's to drop.
 */
export async function leftTables(
  tx: Queryable,
  own: readonly LedgerEntry[],
  others: readonly LedgerEntry[],
): Promise<string[]> {
  const said = new Set(own.flatMap(({ source }) => source.split('\n').flatMap(tableMadeBy)))
  const owned = new Set(others.flatMap(({ objects }) => objects.map(foldName)))
  const rows = await tx.query<{ name: string }>(sql`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid`)
  return rows
    .map(({ name }) => name)
    .filter((name) => said.has(foldName(name)) && !owned.has(foldName(`table ${name}`)))
}

/** Of `CREATE [VIRTUAL] TABLE [IF NOT EXISTS] [main.]name` the table. */
function tableMadeBy(text: string): string[] {
  const words = tokenize(text).filter(isCode)
  const folded = words.slice(0, 6).map((token) => foldName(token.text))
  const at = folded[1] === 'virtual' ? 2 : 1
  if (folded[0] !== 'create' || folded[at] !== 'table') return []
  let name = folded[at + 1] === 'if' ? at + 4 : at + 1
  if (words[name + 1]?.text === '.') name += 2
  const token = words[name]
  return token ? [foldName(nameOf(token) ?? '')] : []
}
