import type { Queryable } from '../../database.ts'
import { sameName } from '../../sql-text/names.ts'
import type { SqlValue } from '../../values.ts'

/** What SQLite keeps about a table in tables of its own, and forgets when the table is dropped. */
export interface InternalRows {
  /** The AUTOINCREMENT counter, where there is one. */
  readonly sequence: readonly SqlValue[]
  /** The planner's statistics: index (or `null`) and figures. */
  readonly statistics: readonly (readonly SqlValue[])[]
}

export async function readInternalRows(tx: Queryable, table: string): Promise<InternalRows> {
  const present = await tx.query({
    text: "SELECT name FROM sqlite_schema WHERE name IN ('sqlite_sequence', 'sqlite_stat1')",
  })
  const has = (name: string) => present.some((row) => row.name === name)
  const [sequence] = has('sqlite_sequence')
    ? await tx.batch([{ text: 'SELECT seq FROM sqlite_sequence WHERE name = ?', params: [table] }])
    : []
  const [statistics] = has('sqlite_stat1')
    ? await tx.batch([{ text: 'SELECT idx, stat FROM sqlite_stat1 WHERE tbl = ?', params: [table] }])
    : []
  return { sequence: (sequence?.rows ?? []).map(([seq]) => seq ?? null), statistics: statistics?.rows ?? [] }
}

/**
 * Puts the rows back. An emptied table would otherwise hand out numbers that it gave away before (sqlite.org/autoinc.html).
 *
 * @param counts whether both the old and the new table count with AUTOINCREMENT
 * @param gone names of indexes that are not there any more
 */
export async function restoreInternalRows(
  tx: Queryable,
  table: string,
  rows: InternalRows,
  { counts, gone }: { counts: boolean; gone: readonly string[] },
): Promise<void> {
  if (counts) {
    await tx.execute({ text: 'DELETE FROM sqlite_sequence WHERE name = ?', params: [table] })
    for (const seq of rows.sequence) {
      await tx.execute({ text: 'INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', params: [table, seq] })
    }
  }
  for (const [index, stat] of rows.statistics) {
    if (gone.some((name) => sameName(name, String(index)))) continue
    await tx.execute({ text: 'DELETE FROM sqlite_stat1 WHERE tbl = ? AND idx IS ?', params: [table, index ?? null] })
    await tx.execute({
      text: 'INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)',
      params: [table, index ?? null, stat ?? null],
    })
  }
}
