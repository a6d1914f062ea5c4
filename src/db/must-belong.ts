import { DataLayerError } from '../errors/index.ts'

const tableNames = `SELECT json_group_array(name) FROM
  (SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name LIMIT 100)`

/**
 * Refuses a copy of something else before it replaces anything.
 *
 * @param ask runs a query on the copy and gives its first value; it may throw where the copy has no such table
 * @param belongs queries of which one has to give a true value; any copy will do without
 * @throws {DataLayerError} `foreign-schema`, with the copy's tables in `details.tables`: their names are no data
 */
export function mustBelong(ask: (query: string) => unknown, belongs: readonly string[] | undefined): void {
  if (belongs === undefined || belongs.some((query) => isTrue(ask, query))) return
  const tables = tablesOf(ask)
  const names = tables.length > 0 ? `: ${tables.slice(0, 10).join(', ')}${tables.length > 10 ? ', …' : ''}` : ''
  throw new DataLayerError(
    'foreign-schema',
    `The copy holds something else than this app’s tables${names}. Nothing was replaced.`,
    { details: { tables } },
  )
}

function tablesOf(ask: (query: string) => unknown): string[] {
  const names: unknown = JSON.parse(String(ask(tableNames)))
  return Array.isArray(names) ? names.map(String) : []
}

function isTrue(ask: (query: string) => unknown, query: string): boolean {
  try {
    return Boolean(Number(ask(query)))
  } catch {
    // It is asked of tables that something else does not have.
    return false
  }
}
