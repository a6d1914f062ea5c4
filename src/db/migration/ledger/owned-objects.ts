import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import { bookkeepingTables } from './ledger.ts'

// The tables that a virtual table keeps its content in come and go with it, and SQLite lets nobody drop them by themselves.
const noShadow = `NOT EXISTS (SELECT 1 FROM pragma_table_list AS l
  WHERE l.schema = 'main' AND l.type = 'shadow' AND l.name = s.tbl_name)`

/** Every object of the schema, oldest first, as `type name`; SQLite's own, ours and those inside a virtual table left out. */
export async function schemaObjects(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ type: string; name: string }>({
    text: `SELECT type, name FROM sqlite_schema AS s WHERE name NOT GLOB 'sqlite_*' AND ${noShadow} ORDER BY s.rowid`,
  })
  return rows.filter(({ name }) => !Object.hasOwn(bookkeepingTables, name)).map(({ type, name }) => `${type} ${name}`)
}

/** The schema's objects that are there now and were not before. */
export async function createdSince(tx: Queryable, before: ReadonlySet<string>): Promise<string[]> {
  return (await schemaObjects(tx)).filter((object) => !before.has(object))
}

/**
 * The objects that were made since `before` and that are the component's to drop. What went away is nobody's any more: a
 * later table of that name is somebody else's. A table that appears while one that was not the component's goes may be that
 * one under another name, with the user's rows; it is not counted.
 */
export async function ownedSince(
  tx: Queryable,
  component: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): Promise<string[]> {
  const gone = [...before].filter((object) => !after.has(object))
  const created = [...after].filter((object) => !before.has(object))
  if (gone.length === 0) return created
  const own = new Set<string>()
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
  const tookForeign = gone.some((object) => object.startsWith('table ') && !own.has(object))
  return tookForeign ? created.filter((object) => !object.startsWith('table ')) : created
}

/** Where it is written which objects are whose. */
const recordedObjects = ['selfsame_ledger', 'selfsame_set_up'].map(
  (table) => [table, `SELECT rowid AS id, component, objects FROM ${table}`] as const,
)

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
