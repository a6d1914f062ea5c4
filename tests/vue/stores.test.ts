// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import type { DataLayer } from '../../src/data-layer.ts'
import { useIdentityStore, useSettingsStore } from '../../src/vue/stores/index.ts'
import { ada, bob, twoAccounts } from './mount-app.ts'

function withStores(dataLayer: DataLayer) {
  const found: { identity: ReturnType<typeof useIdentityStore>; settings: ReturnType<typeof useSettingsStore> }[] = []
  const pinia = createPinia()
  const wrapper = mount(
    defineComponent({
      setup() {
        const stores = { identity: useIdentityStore(), settings: useSettingsStore() }
        found.push(stores)
        return () => h('span', `${stores.identity.activeDid} ${stores.settings.current.firstName}`)
      },
    }),
    { global: { plugins: [dataLayer, pinia] } },
  )
  return { ...found[0]!, wrapper, pinia }
}

describe('the stores', () => {
  it('show the active identity, the accounts and the active account’s settings, and follow them', async () => {
    const { dataLayer } = await twoAccounts()
    const { identity, settings, wrapper } = withStores(dataLayer)
    await vi.waitFor(() => expect(wrapper.text()).toBe(`${ada} All`))
    expect(identity.accounts.map(({ did }) => did)).toEqual([ada, bob])
    expect([identity.status, settings.status]).toEqual(['ready', 'ready'])
    await identity.activate(bob)
    await vi.waitFor(() => expect(wrapper.text()).toBe(`${bob} Bob`))
    expect(identity.activeAccount?.did).toBe(bob)
    await dataLayer.accounts.remove(bob)
    await vi.waitFor(() => expect(identity.accounts).toHaveLength(1))
    expect(identity.activeDid).toBeNull()
  })

  it('have saved when save resolves', async () => {
    const { dataLayer } = await twoAccounts()
    const { settings } = withStores(dataLayer)
    expect(await settings.save({ lastName: 'One' })).toBe(true)
    expect(settings.current.lastName).toBe('One')
    expect(await settings.saveMine({ firstName: 'Mine' })).toBe(true)
    expect(settings.current.firstName).toBe('Mine')
    expect(await settings.saveForAccount('did:no:body', { firstName: 'x' })).toBe(false)
    await expect(settings.save({ nothing: 1 } as never)).rejects.toMatchObject({ code: 'unknown-setting' })
  })

  it('hold no key material, which developer tools would show', async () => {
    const { dataLayer } = await twoAccounts()
    const { identity, pinia } = withStores(dataLayer)
    await vi.waitFor(() => expect(identity.accounts).toHaveLength(2))
    expect(JSON.stringify([identity.$state, identity.accounts, pinia.state.value])).not.toContain('c2VjcmV0')
  })

  it('show a fault as a coded error and keep what they had', async () => {
    const { dataLayer, driver } = await twoAccounts()
    const { identity } = withStores(dataLayer)
    await vi.waitFor(() => expect(identity.status).toBe('ready'))
    driver.fault = new Error('broken')
    await identity.refresh()
    expect(identity.error).toMatchObject({ name: 'DataLayerError' })
    expect(identity.status).toBe('failed')
    expect(identity.activeDid).toBe(ada)
  })

  it('say so where there is no app to find the data layer in', () => {
    setActivePinia(createPinia())
    expect(() => useIdentityStore()).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })

  it('stop asking when they are disposed of', async () => {
    const { dataLayer, driver } = await twoAccounts()
    const { identity, settings, wrapper } = withStores(dataLayer)
    await vi.waitFor(() => expect([identity.status, settings.status]).toEqual(['ready', 'ready']))
    wrapper.unmount()
    identity.$dispose()
    settings.$dispose()
    driver.calls.length = 0
    await dataLayer.settings.save({ lastName: 'x' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(driver.calls).toEqual(['run'])
  })
})
