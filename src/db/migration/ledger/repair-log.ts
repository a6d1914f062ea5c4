import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { KeptValue, Repair } from '../component.ts'

/** Where a value was kept: which component and patch, and whether people were told. */
export interface RepairOrigin {
  readonly component: string
  readonly patch: string
}

/** Writes a value to the repair log. `shown` ones are part of the launch report; the others only wait for a rollback. */
export async function keepValue(
  tx: Queryable,
  origin: RepairOrigin,
  entry: Repair & { readonly row?: string },
  shown: boolean,
): Promise<void> {
  await tx.execute(sql`INSERT INTO selfsame_repairs (at, component, patch, kind, table_name, column_name, row_key, value, shown)
    VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ${origin.component}, ${origin.patch}, ${entry.kind}, ${entry.table},
      ${entry.column}, ${entry.row ?? null}, ${entry.value}, ${shown ? 1 : 0})`)
}

/** A component's kept values that no rollback has given back, oldest first. */
export async function keptValues(tx: Queryable, component: string, kind?: string): Promise<KeptValue[]> {
  const rows = await tx.query(sql`SELECT id, patch, kind, table_name, column_name, row_key, value FROM selfsame_repairs
    WHERE component = ${component} AND given_back_at IS NULL AND (${kind ?? null} IS NULL OR kind = ${kind ?? null}) ORDER BY id`)
  return rows.map((row) => ({
    id: Number(row.id),
    patch: String(row.patch),
    kind: String(row.kind),
    table: String(row.table_name),
    column: String(row.column_name),
    row: row.row_key === null ? null : String(row.row_key),
    value: row.value as string | null,
  }))
}

export async function markGivenBack(tx: Queryable, ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await tx.execute(
      sql`UPDATE selfsame_repairs SET given_back_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = ${id}`,
    )
  }
}

/** A line of the repair log. */
export interface RepairEntry extends Repair {
  readonly at: string
  readonly component: string
  readonly patch: string
  /** The row it came from, as the patch that kept it spelt it. */
  readonly row: string | null
  /** Whether people were told; the others only wait for a rollback. */
  readonly shown: boolean
  /** When a rollback gave it back. */
  readonly givenBackAt: string | null
}

/** The whole log, oldest first; empty where nothing was ever migrated. */
export async function readRepairs(reader: Pick<Queryable, 'query' | 'queryOne'>): Promise<RepairEntry[]> {
  const there = await reader.queryOne(
    sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'selfsame_repairs'`,
  )
  if (!there) return []
  const rows = await reader.query(sql`SELECT at, component, patch, kind, table_name, column_name, row_key, value, shown,
    given_back_at FROM selfsame_repairs ORDER BY id`)
  return rows.map((row) => ({
    at: String(row.at),
    component: String(row.component),
    patch: String(row.patch),
    kind: String(row.kind),
    table: String(row.table_name),
    column: String(row.column_name),
    row: asText(row.row_key),
    value: asText(row.value),
    shown: Number(row.shown) === 1,
    givenBackAt: asText(row.given_back_at),
  }))
}

/** A table may hold anything in a column that should hold text; people are shown text. */
export function asText(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === 'string') return value ?? null
  return value instanceof Uint8Array ? `(a blob of ${value.length} bytes)` : String(value)
}
