import { quoteText } from '../../sql.ts'
import type { Component } from '../component.ts'

/**
 * Queries of which one gives a true value in a database of these components: it has a ledger row of one of them, or shows
 * what its first patch does, as a database from before the ledger.
 */
export function belongingQueries(components: readonly Component[]): string[] {
  const names = components.map(({ name }) => quoteText(name))
  return [
    `SELECT EXISTS (SELECT 1 FROM selfsame_ledger WHERE component IN (${names.join(', ')}))`,
    ...components.flatMap(({ patches }) => patches[0]?.present ?? []),
  ]
}
