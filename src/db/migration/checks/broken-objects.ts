import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { tokenize } from '../../sql-text/tokenize.ts'
import type { Statement } from '../../statement.ts'

/** A statement that is compiled and does nothing, and the object it compiles with it. */
export interface Probe extends Statement {
  readonly object: string
}

/**
 * Views that cannot be read and tables whose triggers cannot run. SQLite compiles both only when they are used, so a
 * migration that pulls a column from under them looks fine until the app writes.
 */
export async function brokenObjects(tx: Queryable): Promise<Set<string>> {
  return new Set(await failing(tx, await schemaProbes(tx)))
}

/** The objects whose probes do not compile. */
export async function failing(tx: Queryable, probes: readonly Probe[]): Promise<string[]> {
  // Mostly nothing is broken, and then one round trip says so.
  if (probes.length === 0 || (await compiles(() => tx.batch(probes)))) return []
  const broken: string[] = []
  for (const probe of probes) {
    if (!(await compiles(() => tx.query(probe)))) broken.push(probe.object)
  }
  return broken
}

/** Whether what is written to a trigger's table can fire it. */
export async function canFire(tx: Queryable, trigger: string): Promise<boolean> {
  const [found] = await tx.query<Trigger>(
    sql`SELECT tbl_name AS "table", sql FROM sqlite_schema WHERE type = 'trigger' AND name = ${trigger}`,
  )
  const probe = found && (await writeProbe(tx, found))
  return probe === undefined || compiles(() => tx.query(probe))
}

async function schemaProbes(tx: Queryable): Promise<Probe[]> {
  const views = await tx.query<{ name: string }>(sql`SELECT name FROM sqlite_schema WHERE type = 'view'`)
  const triggers = await tx.query<Trigger>(
    sql`SELECT tbl_name AS "table", sql FROM sqlite_schema WHERE type = 'trigger'`,
  )
  const probes: Probe[] = views.map(({ name }) => ({
    object: `the view ${name}`,
    text: `SELECT 1 FROM ${quoteName(name)} LIMIT 0`,
  }))
  const events = new Map(triggers.map((trigger) => [`${trigger.table}\n${eventOf(trigger.sql)}`, trigger]))
  for (const trigger of events.values()) probes.push(await writeProbe(tx, trigger))
  return probes
}

interface Trigger {
  readonly table: string
  readonly sql: string
  [column: string]: string
}

let asked = 0

// EXPLAIN QUERY PLAN compiles a write with the triggers it fires, runs nothing and answers in a few rows. A driver that
// keeps compiled statements would answer with what it compiled before the schema changed: an EXPLAIN never looks whether
// it still fits (src/vdbeaux.c, sqlite3VdbeList). So no text is used twice.
async function writeProbe(tx: Queryable, { table, sql: text }: Trigger): Promise<Probe> {
  const name = quoteName(table)
  const writes: Readonly<Record<string, () => string | Promise<string>>> = {
    DELETE: () => `DELETE FROM ${name}`,
    INSERT: () => `INSERT INTO ${name} DEFAULT VALUES`,
    UPDATE: async () => `UPDATE ${name} SET ${await everyColumn(tx, table)}`,
  }
  const write = await writes[eventOf(text)]?.()
  return { object: `a trigger on ${table}`, text: `EXPLAIN QUERY PLAN ${write} -- ${(asked += 1)}` }
}

async function everyColumn(tx: Queryable, table: string): Promise<string> {
  let columns: { name: string }[] = []
  // A view that cannot be read has no columns, and the write then does not compile either.
  await compiles(async () => {
    // table_info leaves generated columns out, which no UPDATE may set.
    columns = await tx.query<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`)
  })
  return columns.map(({ name }) => `${quoteName(name)} = ${quoteName(name)}`).join(', ')
}

// CREATE TRIGGER name BEFORE UPDATE …: the first of these words that is no quoted name. A view takes only such writes as
// it has a trigger for.
function eventOf(trigger: string): string {
  const words = tokenize(trigger)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text.toUpperCase())
  return words.find((word) => ['DELETE', 'INSERT', 'UPDATE'].includes(word)) ?? ''
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
