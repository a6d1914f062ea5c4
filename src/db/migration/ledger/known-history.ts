import { DataLayerError } from '../../../errors/index.ts'
import type { Component } from '../component.ts'
import { mustHaveNoProblem } from '../refusal.ts'
import { assessHistory } from './assess-history.ts'
import type { History, LedgerEntry } from './ledger.ts'

/**
 * What is taken back has to be what this app knows.
 *
 * @throws {DataLayerError} `schema-too-new` and `schema-drift`, as a launch would
 */
export function mustKnowHistory(components: readonly Component[], { ledger, begun }: History): void {
  const { problems } = assessHistory(components, ledger, {}, begun)
  mustHaveNoProblem(problems.filter(({ code }) => code === 'schema-too-new' || code === 'schema-drift'))
}

/**
 * A newer patch that lets this app in still stands on those before it.
 *
 * @throws {DataLayerError} `schema-too-new`
 */
export function mustNotUndermine(component: Component, ledger: readonly LedgerEntry[]): void {
  const known = new Set(component.patches.map(({ name }) => name))
  const newer = ledger.filter((entry) => entry.component === component.name && !known.has(entry.name))
  if (newer.length === 0) return
  const patches = newer.map(({ name }) => name)
  throw new DataLayerError(
    'schema-too-new',
    `A newer version of the app has applied ${patches.join(', ')}; only it can undo them.`,
    { details: { patches } },
  )
}
