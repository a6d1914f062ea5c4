import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { bookkeepingTables } from './ledger.ts'

// The tables that a virtual table keeps its content in come and go with it, and SQLite lets nobody drop them by themselves.
const noShadow = `NOT EXISTS (SELECT 1 FROM pragma_table_list AS l
  WHERE l.schema = 'main' AND l.type = 'shadow' AND l.name = s.tbl_name)`

/** Where a table's rows are, and its columns: by these it is known under another name. */
interface TablePlace {
  readonly rootpage: number
  readonly columns: readonly string[]
}

/** The schema's objects, oldest first, by `type name`; what is no table, or has no rows of its own, has no place. */
export type SchemaObjects = ReadonlyMap<string, TablePlace | undefined>

/** Every object of the schema; SQLite's own, ours and those inside a virtual table left out. */
export async function schemaObjects(tx: Queryable): Promise<SchemaObjects> {
  const rows = await tx.query<{ type: string; name: string; rootpage: number; columns: string | null }>({
    text: `SELECT type, name, rootpage, CASE WHEN type = 'table' AND rootpage > 0
        THEN (SELECT json_group_array(x.name) FROM pragma_table_info(s.name) AS x) END AS columns
      FROM sqlite_schema AS s WHERE name NOT GLOB 'sqlite_*' AND ${noShadow} ORDER BY s.rowid`,
  })
  return new Map(
    rows
      .filter(({ name }) => !Object.hasOwn(bookkeepingTables, name))
      .map(({ type, name, rootpage, columns }) => [
        `${type} ${name}`,
        columns === null ? undefined : { rootpage, columns: JSON.parse(columns) as string[] },
      ]),
  )
}

/** The schema's objects that are there now and were not before. */
export async function createdSince(tx: Queryable, before: SchemaObjects): Promise<string[]> {
  return [...(await schemaObjects(tx)).keys()].filter((object) => !before.has(object))
}

/**
 * The objects that were made since `before` and that are the component's to drop. What went away is nobody's any more: a
 * later table of that name is somebody else's. A table that was not the component's and has another name now, with the
 * user's rows, is not counted.
 *
 * @param owned what is the component's and not recorded yet
 */
export async function ownedSince(
  tx: Queryable,
  component: string,
  before: SchemaObjects,
  after: SchemaObjects,
  owned: readonly string[] = [],
): Promise<string[]> {
  const gone = [...before.keys()].filter((object) => !after.has(object))
  const created = [...after.keys()].filter((object) => !before.has(object))
  // Another table may stand under the old name by now.
  const replaced = [...before.keys()].filter(
    (object) => after.has(object) && object.startsWith('table ') && !isSameTable(before.get(object), after.get(object)),
  )
  if (gone.length === 0 && replaced.length === 0) return created
  const own = new Set(owned)
  for (const [table, statement] of recordedObjects) {
    for (const row of await tx.query<{ id: number; component: string; objects: string }>({ text: statement })) {
      const objects = JSON.parse(row.objects) as string[]
      if (row.component === component) for (const object of objects) own.add(object)
      const left = objects.filter((object) => !gone.includes(object))
      if (left.length === objects.length) continue
      await tx.execute({
        text: `UPDATE ${table} SET objects = ? WHERE rowid = ?`,
        params: [JSON.stringify(left), row.id],
      })
    }
  }
  const lost = gone.filter((object) => object.startsWith('table ') && !own.has(object))
  const nowCalled = (object: string) => created.find((other) => isSameTable(before.get(object), after.get(other)))
  const renamed = lost.map(nowCalled)
  // The rows of one that is not found again may be in any table that is new.
  if (renamed.includes(undefined)) return created.filter((object) => !object.startsWith('table '))
  const moved = new Set([...renamed, ...replaced.filter((object) => !own.has(object)).map(nowCalled)])
  return created.filter((object) => !moved.has(object))
}

/** ALTER TABLE RENAME leaves the rows where they are. */
export function isSameTable(one: TablePlace | undefined, other: TablePlace | undefined): boolean {
  if (!one || !other || one.rootpage !== other.rootpage) return false
  return one.columns.every((column) => other.columns.includes(column))
}

/** Where it is written which objects are whose. */
const recordedObjects = ['selfsame_ledger', 'selfsame_set_up'].map(
  (table) => [table, `SELECT rowid AS id, component, objects FROM ${table}`] as const,
)

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
