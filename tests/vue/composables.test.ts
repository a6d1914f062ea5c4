// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createApp, defineComponent, effectScope, ref, watch } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { createDataLayer, type DataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { sql } from '../../src/db/sql.ts'
import type { Settings } from '../../src/identity/settings-columns.ts'
import { useAccountSettings, useActiveIdentity, useDataLayer, useLaunchStatus } from '../../src/vue/index.ts'
import { ada, bob, twoAccounts } from './mount-app.ts'

/** Runs `body` as a component's setup, and gives what it returned. */
function setup<T>(dataLayer: DataLayer, body: () => T): { result: T; unmount: () => void } {
  const results: T[] = []
  const Component = defineComponent({
    setup() {
      results.push(body())
      return () => null
    },
  })
  const wrapper = mount(Component, { global: { plugins: [dataLayer] } })
  return { result: results[0]!, unmount: () => wrapper.unmount() }
}

describe('useDataLayer', () => {
  it('gives the app’s data layer', async () => {
    const { dataLayer } = await twoAccounts()
    expect(setup(dataLayer, useDataLayer).result).toBe(dataLayer)
  })

  it('works in app.runWithContext', async () => {
    const { dataLayer } = await twoAccounts()
    const app = createApp({}).use(dataLayer)
    expect(app.runWithContext(useDataLayer)).toBe(dataLayer)
  })

  it.each([useDataLayer, useAccountSettings, useActiveIdentity, useLaunchStatus])(
    'throws unsupported outside of setup (%#)',
    (use) => {
      expect(() => use()).toThrow(
        expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('setup()') }),
      )
    },
  )

  it('throws unsupported where the app has no data layer', () => {
    expect(() => createApp({}).runWithContext(useDataLayer)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('app.use') }),
    )
  })
})

describe('useAccountSettings', () => {
  it('reads, and follows saves, switches and raw SQL', async () => {
    const { dataLayer } = await twoAccounts()
    const { result } = setup(dataLayer, () => useAccountSettings())
    expect([result.status.value, result.data.value]).toEqual(['loading', undefined])
    await vi.waitFor(() => expect(result.data.value).toEqual({ activeDid: ada, firstName: 'All' }))
    expect([result.status.value, result.error.value]).toEqual(['ready', undefined])
    await dataLayer.settings.save({ lastName: 'New' })
    await vi.waitFor(() => expect(result.data.value?.lastName).toBe('New'))
    await dataLayer.identity.activate(bob)
    await vi.waitFor(() => expect(result.data.value).toMatchObject({ activeDid: bob, firstName: 'Bob' }))
    await dataLayer.db.execute(sql`UPDATE settings SET firstName = 'Raw'`)
    await vi.waitFor(() => expect(result.data.value?.firstName).toBe('Raw'))
  })

  it('takes the DID and the defaults as values, refs or getters', async () => {
    const { dataLayer } = await twoAccounts()
    const did = ref(ada)
    const defaults = ref<Settings>({ vapid: 'one' })
    const { result } = setup(dataLayer, () => ({
      fixed: useAccountSettings(bob),
      byRef: useAccountSettings(did, { defaults }),
      byGetter: useAccountSettings(() => did.value),
    }))
    await vi.waitFor(() => expect(result.fixed.data.value?.firstName).toBe('Bob'))
    await vi.waitFor(() => expect(result.byRef.data.value).toMatchObject({ firstName: 'All', vapid: 'one' }))
    did.value = bob
    defaults.value = { vapid: 'two' }
    await vi.waitFor(() => expect(result.byRef.data.value).toMatchObject({ firstName: 'Bob', vapid: 'two' }))
    await vi.waitFor(() => expect(result.byGetter.data.value?.firstName).toBe('Bob'))
  })

  it('never shows the answer to a question that was replaced meanwhile', async () => {
    const { dataLayer } = await twoAccounts()
    const did = ref(ada)
    const seen: (string | undefined)[] = []
    const { result } = setup(dataLayer, () => useAccountSettings(did))
    watch(result.data, (settings) => seen.push(settings?.firstName), { flush: 'sync' })
    did.value = bob
    await vi.waitFor(() => expect(result.data.value?.firstName).toBe('Bob'))
    expect(seen).toEqual(['Bob'])
  })

  it('keeps the last value beside a coded error, and recovers', async () => {
    const { dataLayer, driver } = await twoAccounts()
    const { result } = setup(dataLayer, () => useAccountSettings())
    await vi.waitFor(() => expect(result.status.value).toBe('ready'))
    driver.fault = new Error('broken')
    await result.refresh()
    expect(result.status.value).toBe('failed')
    expect(result.error.value).toMatchObject({ name: 'DataLayerError' })
    expect(result.data.value?.firstName).toBe('All')
    driver.fault = undefined
    await result.refresh()
    expect([result.status.value, result.error.value]).toEqual(['ready', undefined])
  })

  it('asks nothing any more once its component is gone, or its scope', async () => {
    const { dataLayer, driver } = await twoAccounts()
    const { result, unmount } = setup(dataLayer, () => useAccountSettings())
    const scope = effectScope()
    const app = createApp({}).use(dataLayer)
    const inScope = app.runWithContext(() => scope.run(() => useAccountSettings())!)
    await vi.waitFor(() => expect([result.status.value, inScope.status.value]).toEqual(['ready', 'ready']))
    unmount()
    scope.stop()
    driver.calls.length = 0
    await dataLayer.settings.save({ lastName: 'Unseen' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(driver.calls).toEqual(['run'])
    expect(result.data.value?.lastName).toBeUndefined()
  })

  it('leaves the change feed with its component', async () => {
    const { dataLayer } = await twoAccounts()
    const stop = vi.fn<() => void>()
    const onChange = vi.spyOn(dataLayer.db, 'onChange').mockReturnValue(stop)
    const { unmount } = setup(dataLayer, () => useAccountSettings())
    expect(onChange).toHaveBeenCalledOnce()
    unmount()
    expect(stop).toHaveBeenCalledOnce()
  })

  it('gives what nobody can write to from outside', async () => {
    const { dataLayer } = await twoAccounts()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { result } = setup(dataLayer, () => useAccountSettings())
    await vi.waitFor(() => expect(result.status.value).toBe('ready'))
    Reflect.set(result.data, 'value', { firstName: 'forged' })
    expect(result.data.value?.firstName).toBe('All')
    warn.mockRestore()
  })
})

describe('useActiveIdentity', () => {
  it('follows the identity and switches it', async () => {
    const { dataLayer } = await twoAccounts()
    const { result } = setup(dataLayer, () => useActiveIdentity())
    expect(result.activeDid.value).toBeUndefined()
    await vi.waitFor(() => expect(result.activeDid.value).toBe(ada))
    await result.activate(bob)
    await vi.waitFor(() => expect(result.data.value).toMatchObject({ activeDid: bob, lastUpdated: expect.any(String) }))
    await result.clear()
    await vi.waitFor(() => expect(result.activeDid.value).toBeNull())
    await expect(result.activate('did:no:body')).rejects.toMatchObject({ code: 'unknown-account' })
  })
})

describe('useLaunchStatus', () => {
  it('follows a launch from opening to its report, with the events', async () => {
    const dataLayer = createDataLayer({ driver: nodeDriver({ filename: ':memory:' }) })
    const { result } = setup(dataLayer, () => useLaunchStatus())
    expect(['idle', 'opening']).toContain(result.status.value)
    expect(result.data.value).toBeNull()
    expect((await result.refresh()).outcome).toBe('migrated')
    expect(result.status.value).toBe('ready')
    expect(result.data.value?.applied).toContain('identity-0004')
    expect(result.event.value).toMatchObject({ type: 'finished' })
    await dataLayer.close()
    expect(result.status.value).toBe('closed')
  })

  it('shows a refused launch’s error', async () => {
    const dataLayer = createDataLayer({
      driver: { ...nodeDriver({ filename: ':memory:' }), open: () => Promise.reject(new Error('no')) },
    })
    const { result } = setup(dataLayer, () => useLaunchStatus())
    await result.refresh()
    expect([result.status.value, result.error.value?.code]).toEqual(['failed', 'storage-unavailable'])
  })
})
