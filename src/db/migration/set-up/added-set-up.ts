import { DataLayerError } from '../../../errors/index.ts'
import type { Component } from '../component.ts'
import type { History } from '../ledger/ledger.ts'

/**
 * Set-up that a patch was given after it was applied. Nothing would ever register it, so that it would be lost without a
 * word; what an adopted patch stands for was there before, its set-up included.
 */
export function addedSetUp(components: readonly Component[], { ledger, setUp }: History): DataLayerError[] {
  const outcomes = new Map(ledger.map(({ name, outcome }) => [name, outcome]))
  return components
    .flatMap(({ patches }) => patches)
    .filter(({ name }) => outcomes.has(name) && outcomes.get(name) !== 'adopted')
    .flatMap((patch) => {
      const added = (patch.setUp ?? []).map(({ name }) => name).filter((name) => !setUp.has(`${patch.name}/${name}`))
      if (added.length === 0) return []
      const message = `${patch.name} was given the set-up ${added.join(', ')} after it was applied. Put it back and add a new patch.`
      return [new DataLayerError('schema-drift', message, { details: { patch: patch.name, setUp: added } })]
    })
}
