import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import { parseCreateTable, type CreateTable } from '../../sql-text/create-table.ts'
import { sameName } from '../../sql-text/names.ts'
import { brokenObjects } from '../checks/broken-objects.ts'
import { copyPlan } from './copy-plan.ts'
import { readInternalRows, restoreInternalRows } from './internal-rows.ts'
import { inventory, type SchemaObject, type TableInventory } from './inventory.ts'
import { needsLostColumn } from './lost-columns.ts'
import { replaceTable } from './replace-table.ts'

/** How a table's definition changes. Every row stays; what a column holds afterwards is said by `columns`. */
export interface TableChange {
  readonly table: string
  /** The new `CREATE TABLE` statement, for the same name. It becomes the schema's text to the letter. */
  readonly sql: string
  /**
   * For a column of the new table, an SQL expression over the old one's columns. A column that both tables have copies
   * itself unless named here; a new column that is not named takes its default.
   */
  readonly columns?: Readonly<Record<string, string>>
  /** Indexes that go with the change. All others are made again as they were. */
  readonly dropIndexes?: readonly string[]
}

/**
 * Changes a table's definition by building it anew: the one way that is the same on every version of SQLite and that does
 * not refuse or rewrite what DROP COLUMN and ALTER TABLE would. Rows keep their values and rowids; indexes, triggers and
 * the AUTOINCREMENT counter are put back as they were; references, views and triggers elsewhere keep their text.
 *
 * It runs inside the caller's transaction, which the caller must roll back on any error.
 *
 * @param tx an open transaction with foreign keys off: with them on, dropping the old table deletes its children's rows
 * @throws {DataLayerError} `unsupported` with foreign keys on, and for a table or a change that this cannot handle;
 * `patch-failed` where a row would be lost, an index does not fit, or a view or trigger that compiled no longer does
 * @example
 * await rebuildTable(tx, { table: 'settings', sql: removeColumn(text, 'activeDid') })
 */
export async function rebuildTable(tx: Queryable, change: TableChange): Promise<void> {
  await mustHaveForeignKeysOff(tx, change.table)
  const old = await inventory(tx, change.table)
  const source = parseCreateTable(old.sql)
  const target = readTarget(change.sql, old)
  const indexes = keptIndexes(old, change.dropIndexes ?? [])
  const plan = copyPlan(old, target, change.columns ?? {})
  refuseToBreak(old.table, await needsLostColumn(tx, old, target, indexes))
  const brokenBefore = await brokenObjects(tx)
  const internal = await readInternalRows(tx, old.table)

  for (const { name } of old.triggers) await tx.execute({ text: `DROP TRIGGER ${quoteName(name)}` })
  for (const { name } of old.indexes) await tx.execute({ text: `DROP INDEX ${quoteName(name)}` })
  await replaceTable(tx, source, target, plan)
  for (const index of indexes) await makeAgain(tx, old.table, 'index', index)
  for (const trigger of old.triggers) await makeAgain(tx, old.table, 'trigger', trigger)
  await restoreInternalRows(tx, target.name, internal, {
    counts: target.autoincrement && source.autoincrement,
    gone: change.dropIndexes ?? [],
  })

  refuseToBreak(
    old.table,
    [...(await brokenObjects(tx))].filter((object) => !brokenBefore.has(object)),
  )
}

function refuseToBreak(table: string, broken: readonly string[]): void {
  if (broken.length === 0) return
  throw new DataLayerError(
    'patch-failed',
    `Table ${table} cannot change this way: it would break ${broken.join(', ')}.`,
    {
      details: { table, broken },
    },
  )
}

async function mustHaveForeignKeysOff(tx: Queryable, table: string): Promise<void> {
  const row = await tx.queryOne({ text: 'PRAGMA foreign_keys' })
  if (row?.foreign_keys === 0) return
  throw new DataLayerError('unsupported', `Table ${table} can be built anew only while foreign keys are off.`, {
    details: { table },
  })
}

function readTarget(sql: string, old: TableInventory): CreateTable {
  const target = parseCreateTable(sql)
  const elsewhere = target.schema !== undefined && !sameName(target.schema, 'main')
  if (!elsewhere && sameName(target.name, old.table)) return target
  throw new DataLayerError('unsupported', `The new definition of table ${old.table} is one of another table.`)
}

function keptIndexes(old: TableInventory, dropped: readonly string[]): SchemaObject[] {
  const unknown = dropped.find((name) => !old.indexes.some((index) => sameName(index.name, name)))
  if (unknown !== undefined) {
    throw new DataLayerError('unsupported', `Table ${old.table} has no index ${unknown} that could be dropped.`)
  }
  return old.indexes.filter(({ name }) => !dropped.some((gone) => sameName(gone, name)))
}

async function makeAgain(
  tx: Queryable,
  table: string,
  type: 'index' | 'trigger',
  { name, sql }: SchemaObject,
): Promise<void> {
  try {
    await tx.execute({ text: sql })
  } catch (cause) {
    if (!(cause instanceof DataLayerError) || cause.code !== 'sqlite') throw cause
    throw new DataLayerError('patch-failed', `The ${type} ${name} does not fit the new definition of table ${table}.`, {
      details: { table, [type]: name },
      cause,
    })
  }
}
