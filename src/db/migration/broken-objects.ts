import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { quoteName, sql } from '../sql.ts'

/**
 * Views that cannot be read and tables whose triggers cannot run. SQLite compiles both only when they are used, so a
 * migration that pulls a column from under them looks fine until the app writes.
 */
export async function brokenObjects(tx: Queryable): Promise<Set<string>> {
  const objects = await tx.query<{ kind: string; name: string }>(
    sql`SELECT 'view' AS kind, name FROM sqlite_schema WHERE type = 'view'
      UNION SELECT 'table', tbl_name FROM sqlite_schema WHERE type = 'trigger'`,
  )
  const broken = new Set<string>()
  for (const { kind, name } of objects) {
    try {
      for (const text of kind === 'view' ? [`EXPLAIN SELECT * FROM ${quoteName(name)}`] : await writeProbes(tx, name)) {
        await tx.query({ text })
      }
    } catch (error) {
      if (!(error instanceof DataLayerError) || error.code !== 'sqlite') throw error
      broken.add(kind === 'view' ? `the view ${name}` : `a trigger on ${name}`)
    }
  }
  return broken
}

async function writeProbes(tx: Queryable, table: string): Promise<string[]> {
  // table_info leaves generated columns out, which no UPDATE may set.
  const columns = await tx.query<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`)
  const assignments = columns.map(({ name }) => `${quoteName(name)} = ${quoteName(name)}`)
  return [
    `EXPLAIN DELETE FROM ${quoteName(table)}`,
    `EXPLAIN INSERT INTO ${quoteName(table)} DEFAULT VALUES`,
    `EXPLAIN UPDATE ${quoteName(table)} SET ${assignments.join(', ')}`,
  ]
}
