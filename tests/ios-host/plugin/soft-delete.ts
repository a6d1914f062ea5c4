import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import type { Engine } from './engine.ts'

/**
 * UtilsSQLCipher.swift, execute: a text with DELETE FROM anywhere in it loses its line ends, is cut at every semicolon, and
 * its last piece is dropped.
 */
export function executable(sql: string, deleteSql: (statement: string) => string): string {
  if (!/delete from/i.test(sql)) return sql
  const pieces = sql.replaceAll('\n', '').split(';').slice(0, -1)
  const kept = pieces.map((piece) => {
    const isDelete = piece.trim().slice(0, 11).toUpperCase() === 'DELETE FROM' && /where/i.test(piece)
    return isDelete ? deleteSql(piece.trim()) : piece
  })
  return kept.filter((piece) => piece !== '').join(';')
}

/**
 * UtilsSQLCipher.swift, deleteSQL: with columns last_modified and sql_deleted anywhere in the database, a DELETE becomes an
 * UPDATE. What it does to the tables that refer to this one (UtilsDelete.swift) is left out.
 */
export function softDelete(engine: Engine, sql: string): string {
  const { rows } = engine.all(
    `SELECT c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.name IN ('last_modified', 'sql_deleted')`,
    [],
  )
  if (new Set(rows.map(([name]) => name)).size < 2) return sql
  const parts = /^DELETE FROM\s+(\S+)\s+WHERE\s+([^]*)$/i.exec(sql)
  if (!parts) throw new CapacitorSQLiteError('deleteSQL cannot find a WHERE clause')
  return `UPDATE ${parts[1]} SET sql_deleted = 1 WHERE ${parts[2]} AND sql_deleted = 0;`
}
