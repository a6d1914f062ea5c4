import { acceptHMRUpdate, defineStore } from 'pinia'
import { computed } from 'vue'
import type { Account } from '../../identity/account-columns.ts'
import { useActiveIdentity } from '../use-active-identity.ts'
import { useDatabaseValue } from '../use-database-value.ts'
import { useDataLayer } from '../use-data-layer.ts'

/** An account without its key material: a store's state is shown by developer tools and saved by plugins. */
export type AccountSummary = Pick<Account, 'id' | 'did' | 'dateCreated' | 'publicKeyHex'>

/**
 * Who is active and which accounts there are, kept current.
 *
 * @example
 * const identity = useIdentityStore()
 * const [first] = identity.accounts
 * if (first) await identity.activate(first.did)
 */
export const useIdentityStore = defineStore('selfsame-identity', () => {
  const dataLayer = useDataLayer()
  const active = useActiveIdentity()
  const list = useDatabaseValue(
    dataLayer,
    ['accounts'],
    () => undefined,
    async () => (await dataLayer.accounts.list()).map(summarise),
  )
  const accounts = computed(() => list.data.value ?? [])
  return {
    activeDid: computed(() => active.activeDid.value ?? null),
    lastUpdated: computed(() => active.data.value?.lastUpdated ?? null),
    accounts,
    activeAccount: computed(() => accounts.value.find(({ did }) => did === active.activeDid.value)),
    status: computed(() => (active.status.value === 'ready' ? list.status.value : active.status.value)),
    error: computed(() => active.error.value ?? list.error.value),
    activate: active.activate,
    clear: active.clear,
    async refresh() {
      await Promise.all([active.refresh(), list.refresh()])
    },
  }
})

function summarise({ id, did, dateCreated, publicKeyHex }: Account): AccountSummary {
  return {
    did,
    ...(id === undefined ? {} : { id }),
    ...(dateCreated === undefined ? {} : { dateCreated }),
    ...(publicKeyHex === undefined ? {} : { publicKeyHex }),
  }
}

if (import.meta.hot) import.meta.hot.accept(acceptHMRUpdate(useIdentityStore, import.meta.hot))
