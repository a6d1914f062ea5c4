import { DataLayerError, redactText } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { isCode, nameOf, tokenize } from '../../sql-text/tokenize.ts'

/** An index or a trigger: dropping its table takes it along without a word. */
export interface AttachedObject {
  readonly type: string
  readonly name: string
  readonly table: string
  readonly sql: string
  [column: string]: string
}

/** Every index and trigger that a statement made, oldest first. */
export function attachedObjects(tx: Queryable): Promise<AttachedObject[]> {
  return tx.query<AttachedObject>(
    sql`SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema
      WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid`,
  )
}

/** What a change knows of itself when it asks what went with it. */
export interface AttachedChange {
  readonly component: string
  readonly before: readonly AttachedObject[]
  /** What was run since `before` and drops something. */
  readonly drops: Iterable<string>
  /** The component's objects that are not recorded yet. */
  readonly made?: readonly string[]
}

/**
 * Puts back what others had on a table that a component has dropped and made anew. What the component made itself, and what it
 * dropped by name, is its own affair; an index goes with a table that is gone for good.
 *
 * @throws {DataLayerError} `patch-failed` naming what cannot be put back: it is not the component's to lose
 */
export async function putBackAttached(tx: Queryable, change: AttachedChange): Promise<void> {
  const trigger = (await putBackOnTables(tx, change)).find(({ type }) => type === 'trigger')
  if (trigger) throw lost(trigger, `there is no ${trigger.table} any more`)
}

/**
 * The same for a part of a change, whose next part may make the table anew.
 *
 * @returns what has no table now, oldest first
 */
export async function putBackOnTables(
  tx: Queryable,
  { component, before, drops, made = [] }: AttachedChange,
): Promise<AttachedObject[]> {
  const now = new Set((await attachedObjects(tx)).map(attachedKey))
  const gone = before.filter((object) => !now.has(attachedKey(object)))
  if (gone.length === 0) return []
  const recorded = await objectsOf(tx, component)
  const own = new Set([...[...drops].flatMap(droppedBy), ...recorded, ...made.map(foldName)])
  const waiting: AttachedObject[] = []
  for (const object of gone.filter((it) => !own.has(attachedKey(it)))) {
    if (await hasTable(tx, object)) await putBack(tx, object)
    else waiting.push(object)
  }
  return waiting
}

export async function hasTable(tx: Queryable, { table }: AttachedObject): Promise<boolean> {
  const found = await tx.queryOne(
    sql`SELECT 1 FROM sqlite_schema WHERE name = ${table} COLLATE NOCASE AND type IN ('table', 'view')`,
  )
  return found !== undefined
}

/** @throws {DataLayerError} `patch-failed` where it does not fit its table any more */
export async function putBack(tx: Queryable, object: AttachedObject): Promise<void> {
  try {
    await tx.execute({ text: object.sql })
  } catch (error) {
    if (!(error instanceof DataLayerError) || error.code !== 'sqlite') throw error
    throw lost(object, redactText(error.message))
  }
}

function lost({ type, name, table }: AttachedObject, reason: string): DataLayerError {
  return new DataLayerError(
    'patch-failed',
    `The ${type} ${name} on ${table}, which is not of this component, would be lost: ${reason}. Drop it by name first, or keep its table.`,
    { details: { [type]: name, table } },
  )
}

async function objectsOf(tx: Queryable, component: string): Promise<string[]> {
  const rows = await tx.query<{ objects: string; source: string }>(
    sql`SELECT objects, iif(outcome = 'adopted', source, '') AS source FROM selfsame_ledger WHERE component = ${component}
      UNION ALL SELECT objects, '' FROM selfsame_set_up WHERE component = ${component}`,
  )
  // Of an adopted patch is not recorded what it made, only what it says that it makes.
  const said = rows.flatMap(({ source }) => source.split('\n').flatMap(createdBy))
  return [...rows.flatMap(({ objects }) => JSON.parse(objects) as string[]).map(foldName), ...said]
}

/** Of `CREATE [UNIQUE] INDEX [IF NOT EXISTS] [main.]name` the index, likewise of a trigger. */
export function createdBy(text: string): string[] {
  const words = tokenize(text).filter(isCode)
  const folded = words.slice(0, 6).map((token) => foldName(token.text))
  if (folded[0] !== 'create') return []
  const at = folded[1] === 'unique' ? 2 : 1
  const type = folded[at]
  if (type !== 'index' && type !== 'trigger') return []
  let name = folded[at + 1] === 'if' ? at + 4 : at + 1
  if (words[name + 1]?.text === '.') name += 2
  const token = words[name]
  return token ? [foldName(`${type} ${nameOf(token) ?? ''}`)] : []
}

/** `DROP INDEX [IF EXISTS] [main.]name`, likewise a trigger. */
export function droppedBy(text: string): string[] {
  const words = tokenize(text).filter(isCode)
  const [drop, type] = words.map((token) => foldName(token.text))
  if (drop !== 'drop' || (type !== 'index' && type !== 'trigger')) return []
  const name = words.filter((token) => token.text !== ';').at(-1)
  return name ? [foldName(`${type} ${nameOf(name) ?? ''}`)] : []
}

/** By what one of them is the same as another. */
export function attachedKey({ type, name }: Pick<AttachedObject, 'type' | 'name'>): string {
  return foldName(`${type} ${name}`)
}
