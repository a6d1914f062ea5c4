import type { Component } from '../db/migration/component.ts'
import { defineComponent } from '../db/migration/define-component.ts'
import { invariants } from './invariants.ts'
import { activeIdentityTable } from './patches/active-identity-table.ts'
import { baseline } from './patches/baseline.ts'
import { dropActiveDid } from './patches/drop-active-did.ts'
import { legacySchema } from './patches/legacy-schema.ts'
import { moveActiveDid } from './patches/move-active-did.ts'
import { uniqueDid } from './patches/unique-did.ts'

const component = defineComponent({
  name: 'identity',
  patches: [legacySchema, uniqueDid, activeIdentityTable, moveActiveDid, dropActiveDid],
  baseline,
  invariants,
})

/**
 * Accounts, settings and the active identity: the legacy schema, and its way to a one-row `active_identity` table whose
 * DID always has an account.
 *
 * @example
 * createDataLayer({ driver, components: [identityComponent(), shop] })
 */
export function identityComponent(): Component {
  return component
}
