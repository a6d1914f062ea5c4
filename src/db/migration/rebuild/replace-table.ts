import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import type { CreateTable } from '../../sql-text/create-table.ts'
import type { CopyPlan } from './copy-plan.ts'
import { unseenClauses } from '../schema/unseen-clauses.ts'
import { withPragma } from './with-pragma.ts'

/**
 * Puts the new table in the place of the old one, rows included. The old table steps aside and the new one is made under
 * its own name, never renamed into place: that would write its name with quotes into the schema and fail on any view.
 */
export async function replaceTable(
  tx: Queryable,
  source: CreateTable,
  target: CreateTable,
  plan: CopyPlan,
): Promise<void> {
  const table = source.name
  const aside = await freeName(tx, `selfsame_old_${table}`)
  const fill = (copy: Copy) => copyRows(tx, copy)
  // A row may break a check that was there before: SQLite up to 3.36 let ADD COLUMN bring one. It stays.
  const refill = hasNewCheck(source, target)
    ? fill
    : (copy: Copy) => withPragma(tx, 'ignore_check_constraints', () => fill(copy))
  if (await renamed(tx, table, aside)) {
    await tx.execute({ text: target.text })
    // Under its old name, so that an expression may say table.column.
    await refill({ ...plan, from: `${quoteName(aside)} AS ${quoteName(table)}`, into: target.name })
  } else {
    await holdRows(tx, table, aside, plan)
    await tx.execute({ text: `DROP TABLE ${quoteName(table)}` })
    await tx.execute({ text: target.text })
    await refill({ targets: plan.targets, sources: plan.targets, from: quoteName(aside), into: target.name })
  }
  await tx.execute({ text: `DROP TABLE ${quoteName(aside)}` })
}

/**
 * Renames the table without touching what refers to it. Without legacy_alter_table other tables' REFERENCES, views and
 * triggers would be rewritten to follow it (sqlite.org/pragma.html#pragma_legacy_alter_table).
 *
 * @returns false where SQLite cannot rename it: a CHECK that says table.column makes it refuse
 */
async function renamed(tx: Queryable, table: string, aside: string): Promise<boolean> {
  return withPragma(tx, 'legacy_alter_table', async () => {
    try {
      await tx.execute({ text: `ALTER TABLE ${quoteName(table)} RENAME TO ${quoteName(aside)}` })
      return true
    } catch (error) {
      if (error instanceof DataLayerError && error.code === 'sqlite') return false
      throw error
    }
  })
}

/** Sets the rows aside in a table without types, which keeps every value as it is. */
async function holdRows(
  tx: Queryable,
  table: string,
  aside: string,
  { targets, sources, rowid }: CopyPlan,
): Promise<void> {
  await tx.execute({ text: `CREATE TABLE ${quoteName(aside)} (${(rowid ? targets.slice(1) : targets).join(', ')})` })
  await copyRows(tx, { targets, sources, from: quoteName(table), into: aside })
}

interface Copy {
  readonly targets: readonly string[]
  readonly sources: readonly string[]
  readonly from: string
  readonly into: string
}

async function copyRows(tx: Queryable, { targets, sources, from, into }: Copy): Promise<void> {
  // OR ABORT overrules a column's own ON CONFLICT IGNORE or REPLACE, which would leave rows out without a word.
  const copy = `INSERT OR ABORT INTO ${quoteName(into)} (${targets.join(', ')}) SELECT ${sources.join(', ')} FROM ${from}`
  await tx.execute({ text: copy })
  const counts = await tx.queryOne({
    text: `SELECT (SELECT count(*) FROM ${from}) AS before, (SELECT count(*) FROM ${quoteName(into)}) AS after`,
  })
  if (counts && counts.before === counts.after) return
  throw new DataLayerError('patch-failed', `Table ${into} would not keep all of its rows.`, {
    details: { table: into, ...counts },
  })
}

function hasNewCheck(source: CreateTable, target: CreateTable): boolean {
  const checks = (table: CreateTable) => unseenClauses(table).filter((clause) => clause.startsWith('CHECK'))
  const before = checks(source)
  return checks(target).some((check) => !before.includes(check))
}

async function freeName(tx: Queryable, wanted: string): Promise<string> {
  const taken = await tx.queryOne({
    text: "SELECT name FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view', 'index')",
    params: [wanted],
  })
  return taken ? freeName(tx, `${wanted}_`) : wanted
}
