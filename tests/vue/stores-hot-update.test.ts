// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { acceptHMRUpdate, createPinia, defineStore } from 'pinia'
import { computed, defineComponent } from 'vue'
import { expect, it, vi } from 'vitest'
import { useIdentityStore } from '../../src/vue/stores/index.ts'
import { useDataLayer } from '../../src/vue/index.ts'
import { ada, twoAccounts } from './mount-app.ts'

it('a store takes a new version of itself while the app runs', async () => {
  const { dataLayer } = await twoAccounts()
  const pinia = createPinia()
  const stores: ReturnType<typeof useIdentityStore>[] = []
  const Component = defineComponent({
    setup() {
      stores.push(useIdentityStore())
      return () => null
    },
  })
  mount(Component, { global: { plugins: [dataLayer, pinia] } })
  const store = stores[0]!
  await vi.waitFor(() => expect(store.activeDid).toBe(ada))

  const useNewVersion = defineStore('selfsame-identity', () => {
    useDataLayer()
    return { activeDid: computed(() => 'the new version'), added: computed(() => true) }
  })
  const hot = { data: {}, invalidate: vi.fn<() => void>() }
  const accept = acceptHMRUpdate(useIdentityStore, hot) as (module: Record<string, unknown>) => unknown
  hot.data = { pinia }
  accept({ useIdentityStore: useNewVersion })
  expect(store.activeDid).toBe('the new version')
  expect(hot.invalidate).not.toHaveBeenCalled()
})
