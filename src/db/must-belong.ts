import { DataLayerError } from '../errors/index.ts'

/**
 * Refuses a copy of something else before it replaces anything.
 *
 * @param ask runs a query on the copy and gives its first value; it may throw where the copy has no such table
 * @param belongs queries of which one has to give a true value; any copy will do without
 * @throws {DataLayerError} `foreign-schema`
 */
export function mustBelong(ask: (query: string) => unknown, belongs: readonly string[] | undefined): void {
  if (belongs === undefined || belongs.some((query) => isTrue(ask, query))) return
  throw new DataLayerError(
    'foreign-schema',
    'The copy holds something else than this app’s tables. Nothing was replaced.',
  )
}

function isTrue(ask: (query: string) => unknown, query: string): boolean {
  try {
    return Boolean(Number(ask(query)))
  } catch {
    // It is asked of tables that something else does not have.
    return false
  }
}
