import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { quoteName, sql } from '../sql.ts'
import type { Statement } from '../statement.ts'

/** A statement that is compiled and does nothing, and the object it compiles with it. */
interface Probe extends Statement {
  readonly object: string
}

/**
 * Views that cannot be read and tables whose triggers cannot run. SQLite compiles both only when they are used, so a
 * migration that pulls a column from under them looks fine until the app writes.
 */
export async function brokenObjects(tx: Queryable): Promise<Set<string>> {
  const probes = await schemaProbes(tx)
  // Mostly nothing is broken, and then one round trip says so.
  if (probes.length === 0 || (await compiles(() => tx.batch(probes)))) return new Set()
  const broken = new Set<string>()
  for (const probe of probes) {
    if (!(await compiles(() => tx.query(probe)))) broken.add(probe.object)
  }
  return broken
}

async function schemaProbes(tx: Queryable): Promise<Probe[]> {
  const objects = await tx.query<{ kind: string; name: string }>(
    sql`SELECT 'view' AS kind, name FROM sqlite_schema WHERE type = 'view'
      UNION SELECT 'table', tbl_name FROM sqlite_schema WHERE type = 'trigger'`,
  )
  const probes: Probe[] = []
  for (const { kind, name } of objects) {
    if (kind === 'view') probes.push({ object: `the view ${name}`, text: `SELECT 1 FROM ${quoteName(name)} LIMIT 0` })
    else probes.push(...(await writeProbes(tx, name)))
  }
  return probes
}

let asked = 0

// EXPLAIN QUERY PLAN compiles a write with the triggers it fires, runs nothing and answers in a few rows. A driver that
// keeps compiled statements would answer with what it compiled before the schema changed: an EXPLAIN never looks whether
// it still fits (src/vdbeaux.c, sqlite3VdbeList). So no text is used twice.
async function writeProbes(tx: Queryable, table: string): Promise<Probe[]> {
  const probe = (text: string): Probe => ({ object: `a trigger on ${table}`, text: `EXPLAIN QUERY PLAN ${text} -- ${(asked += 1)}` })
  const probes = [probe(`DELETE FROM ${quoteName(table)}`), probe(`INSERT INTO ${quoteName(table)} DEFAULT VALUES`)]
  let columns: { name: string }[] = []
  // A view that cannot be read has no columns: its own probe says so.
  await compiles(async () => {
    // table_info leaves generated columns out, which no UPDATE may set.
    columns = await tx.query<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`)
  })
  const assignments = columns.map(({ name }) => `${quoteName(name)} = ${quoteName(name)}`)
  if (columns.length > 0) probes.push(probe(`UPDATE ${quoteName(table)} SET ${assignments.join(', ')}`))
  return probes
}

async function compiles(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (error instanceof DataLayerError && error.code === 'sqlite') return false
    throw error
  }
}
