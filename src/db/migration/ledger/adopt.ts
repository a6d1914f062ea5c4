import type { Queryable } from '../../database.ts'
import { mustOnlyRead } from '../checks/read-only.ts'
import type { Component } from '../component.ts'
import type { History } from './ledger.ts'
import type { OwnedPatch } from '../patch-order.ts'

/**
 * The patches that a database has without a ledger saying so, from the first on: another tool made them, or an app from
 * before this library. They are recorded and never run. A component with rows in the ledger is past
 * that, and so is one with a patch that is half done: what it has made does not show that it has it.
 */
export async function findAdoptable(
  reader: Pick<Queryable, 'queryOne'>,
  components: readonly Component[],
  { ledger, begun }: Pick<History, 'ledger' | 'begun'>,
): Promise<OwnedPatch[]> {
  const adoptable: OwnedPatch[] = []
  for (const component of components) {
    const isBegun = component.patches.some((patch) => begun.some(({ name }) => name === patch.name))
    if (isBegun || ledger.some((entry) => entry.component === component.name)) continue
    for (const patch of component.patches) {
      if (!patch.present) break
      const row = await reader.queryOne(mustOnlyRead({ text: patch.present }))
      const answer = row && Object.values(row)[0]
      if (!answer) break
      adoptable.push({ component, patch })
    }
  }
  return adoptable
}
