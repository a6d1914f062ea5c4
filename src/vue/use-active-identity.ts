import { computed, type ComputedRef } from 'vue'
import type { ActiveIdentity } from '../services/active-identity-statements.ts'
import { useDatabaseValue, type DatabaseValue } from './use-database-value.ts'
import { useDataLayer } from './use-data-layer.ts'

export interface ActiveIdentityValue extends DatabaseValue<ActiveIdentity> {
  /** The active DID, or `null`; `undefined` until it has been read. */
  readonly activeDid: ComputedRef<string | null | undefined>
  /** @throws {DataLayerError} `unknown-account`, `invalid-value` */
  readonly activate: (did: string) => Promise<void>
  readonly clear: () => Promise<void>
}

/**
 * Who is active, kept current.
 *
 * @throws {DataLayerError} `unsupported` outside of `setup()`, or when the app has no data layer
 * @example
 * const { activeDid, activate } = useActiveIdentity()
 */
export function useActiveIdentity(): ActiveIdentityValue {
  const dataLayer = useDataLayer()
  const { identity } = dataLayer
  const value = useDatabaseValue(
    dataLayer,
    ['active_identity', 'accounts'],
    () => undefined,
    () => identity.get(),
  )
  return {
    ...value,
    activeDid: computed(() => value.data.value?.activeDid),
    activate: (did) => identity.activate(did),
    clear: () => identity.clear(),
  }
}
