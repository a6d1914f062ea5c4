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

/**
 * Puts back what others had on a table that a component has dropped and made anew. What the component made itself, and what it
 * dropped by name, is its own affair; an index goes with a table that is gone for good.
 *
 * @param ran what was run since `before`
 * @throws {DataLayerError} `patch-failed` naming what cannot be put back: it is not the component's to lose
 */
export async function putBackAttached(
  tx: Queryable,
  component: string,
  before: readonly AttachedObject[],
  ran: readonly { readonly text: string }[],
): Promise<void> {
  const now = new Set((await attachedObjects(tx)).map(keyOf))
  const gone = before.filter((object) => !now.has(keyOf(object)))
  if (gone.length === 0) return
  const own = new Set([...ran.flatMap(({ text }) => droppedBy(text)), ...(await objectsOf(tx, component))])
  for (const object of gone) {
    if (own.has(keyOf(object))) continue
    const stands = await tx.queryOne(
      sql`SELECT 1 FROM sqlite_schema WHERE name = ${object.table} COLLATE NOCASE AND type IN ('table', 'view')`,
    )
    if (stands) await putBack(tx, object)
    else if (object.type === 'trigger') throw lost(object, `there is no ${object.table} any more`)
  }
}

async function putBack(tx: Queryable, object: AttachedObject): Promise<void> {
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
  const rows = await tx.query<{ objects: string }>(
    sql`SELECT objects FROM selfsame_ledger WHERE component = ${component}
      UNION ALL SELECT objects FROM selfsame_set_up WHERE component = ${component}`,
  )
  return rows.flatMap(({ objects }) => JSON.parse(objects) as string[]).map(foldName)
}

/** `DROP INDEX [IF EXISTS] [main.]name`, likewise a trigger. */
function droppedBy(text: string): string[] {
  const words = tokenize(text).filter(isCode)
  const [drop, type] = words.map((token) => foldName(token.text))
  if (drop !== 'drop' || (type !== 'index' && type !== 'trigger')) return []
  const name = words.filter((token) => token.text !== ';').at(-1)
  return name ? [foldName(`${type} ${nameOf(name) ?? ''}`)] : []
}

function keyOf({ type, name }: AttachedObject): string {
  return foldName(`${type} ${name}`)
}
