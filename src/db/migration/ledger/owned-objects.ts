import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { bookkeepingTables } from './ledger.ts'

// The tables that a virtual table keeps its content in come and go with it, and SQLite lets nobody drop them by themselves.
const noShadow = `NOT EXISTS (SELECT 1 FROM pragma_table_list AS l
  WHERE l.schema = 'main' AND l.type = 'shadow' AND l.name = s.tbl_name)`

/** Where a table stands in the schema, where its rows are, and its columns. */
interface TablePlace {
  /** The schema's own row: ALTER TABLE changes it where it is. */
  readonly entry: number
  /** 0 for a virtual table, and no columns. */
  readonly rootpage: number
  readonly columns: readonly string[]
}

/** The schema's objects, oldest first, by `type name`; what is no table has no place. */
export type SchemaObjects = ReadonlyMap<string, TablePlace | undefined>

/** Every object of the schema; SQLite's own, ours and those inside a virtual table left out. */
export async function schemaObjects(tx: Queryable): Promise<SchemaObjects> {
  const rows = await tx.query<{ type: string; name: string; entry: number; rootpage: number; columns: string }>({
    text: `SELECT type, name, rowid AS entry, rootpage, CASE WHEN type = 'table' AND rootpage > 0
        THEN (SELECT json_group_array(x.name) FROM pragma_table_info(s.name) AS x) ELSE '[]' END AS columns
      FROM sqlite_schema AS s WHERE name NOT GLOB 'sqlite_*' AND ${noShadow} ORDER BY s.rowid`,
  })
  return new Map(
    rows
      .filter(({ name }) => !Object.hasOwn(bookkeepingTables, name))
      .map(({ type, name, entry, rootpage, columns }) => [
        `${type} ${name}`,
        type === 'table' ? { entry, rootpage, columns: JSON.parse(columns) as string[] } : undefined,
      ]),
  )
}

/** The schema's objects that are there now and were not before. */
export async function createdSince(tx: Queryable, before: SchemaObjects): Promise<string[]> {
  return [...(await schemaObjects(tx)).keys()].filter((object) => !before.has(object))
}

/**
 * The objects that are the component's to drop and not recorded yet: what was made since `before`, and `owned`. What went
 * away is nobody's any more: a later table of that name is somebody else's. A table that was not the component's and has
 * another name now, with the user's rows, is not counted; where one is not found again, its rows may be in any of these
 * tables, and none is counted: a table too many may stay behind, rows must not go.
 *
 * @param owned what the pieces before this one made
 */
export async function ownedSince(
  tx: Queryable,
  component: string,
  before: SchemaObjects,
  after: SchemaObjects,
  owned: readonly string[] = [],
): Promise<string[]> {
  const created = [...after.keys()].filter((object) => !before.has(object))
  const made = [...owned.filter((object) => after.has(object)), ...created]
  // Another table may stand under the old name by now.
  const left = [...before].filter(([object, place]) => !after.has(object) || !isSameTable(place, after.get(object)))
  if (left.length === 0) return made
  const recorded = await readRecorded(tx)
  const own = new Set([
    ...owned,
    ...recorded.filter((row) => row.component === component).flatMap((row) => row.objects),
  ])
  const nowCalled = left
    .filter(([object, place]) => place && !own.has(object))
    .map(([, place]) => [...after].find(([, other]) => isSameTable(place, other))?.[0])
  const gone = new Set(left.filter(([object]) => !after.has(object)).map(([object]) => object))
  for (const { table, id, component: owner, objects } of recorded) {
    const isKept = (object: string) => !gone.has(object) && !(owner === component && nowCalled.includes(object))
    if (objects.every(isKept)) continue
    const kept = JSON.stringify(objects.filter(isKept))
    await tx.execute({ text: `UPDATE ${table} SET objects = ? WHERE rowid = ?`, params: [kept, id] })
  }
  if (nowCalled.includes(undefined)) return made.filter((object) => !object.startsWith('table '))
  return made.filter((object) => !nowCalled.includes(object))
}

/**
 * Tables by their row of the schema, whatever ALTER TABLE made of their names: pages and columns may be another's by now.
 * That row is given away again only after every table that was made later is gone. What is no table is the same by its name.
 */
export function isSameTable(one: TablePlace | undefined, other: TablePlace | undefined): boolean {
  return one?.entry === other?.entry
}

/** Which objects are written down as whose. */
async function readRecorded(tx: Queryable) {
  const rows = await tx.query<{ table: string; id: number; component: string; objects: string }>(
    sql`SELECT 'selfsame_ledger' AS "table", rowid AS id, component, objects FROM selfsame_ledger
      UNION ALL SELECT 'selfsame_set_up', rowid, component, objects FROM selfsame_set_up`,
  )
  return rows.map((row) => ({ ...row, objects: JSON.parse(row.objects) as string[] }))
}

/** Counts objects to the newest of a component's patches: what a rollback has made again is the component's too. */
export async function addObjects(tx: Queryable, component: string, objects: readonly string[]): Promise<void> {
  if (objects.length === 0) return
  await tx.execute(sql`UPDATE selfsame_ledger SET objects =
      (SELECT json_group_array(value) FROM (SELECT value FROM json_each(objects) UNION ALL SELECT value FROM json_each(${JSON.stringify(objects)})))
    WHERE position = (SELECT max(position) FROM selfsame_ledger WHERE component = ${component})`)
}

/** Drops objects, newest first, as far as they are there. */
export async function dropObjects(tx: Queryable, objects: readonly string[]): Promise<void> {
  for (const object of objects.toReversed()) {
    const [, type = '', name = ''] = /^(\w+) (.*)$/s.exec(object) ?? []
    const there = await tx.queryOne({
      text: `SELECT 1 FROM sqlite_schema AS s WHERE type = ? AND name = ? AND ${noShadow}`,
      params: [type, name],
    })
    if (there) await tx.execute({ text: `DROP ${type} ${quoteName(name)}` })
  }
}

/** What the deferred set-up made, of a component or of one of its patches, oldest first. */
export async function setUpObjects(
  tx: Queryable,
  of: { readonly component: string; readonly patch?: string },
): Promise<string[]> {
  const rows = await tx.query<{ objects: string }>(
    sql`SELECT objects FROM selfsame_set_up WHERE component = ${of.component}
      AND (${of.patch ?? null} IS NULL OR patch = ${of.patch ?? null}) ORDER BY finished_at, serial`,
  )
  return rows.flatMap(({ objects }) => JSON.parse(objects) as string[])
}
