// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { defineComponent, getCurrentInstance, h, inject, nextTick, watchEffect } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { createDataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { sql } from '../../src/db/sql.ts'
import { memberMethods } from '../../src/services/members.ts'
import { dataLayerKey } from '../../src/vue/index.ts'
import ScriptSetupIdentity from './script-setup-identity.vue'
import { ada, bob, mountApp, twoAccounts } from './mount-app.ts'

const Identity = defineComponent({ name: 'EmptyComponent', render: () => null })
const ShowsDid = defineComponent({
  render() {
    return h('span', `[${this.$activeDid ?? 'none'}]`)
  },
})

describe('app.use(dataLayer)', () => {
  it('provides the data layer and launches it', async () => {
    const dataLayer = createDataLayer({ driver: nodeDriver({ filename: ':memory:' }) })
    const found = vi.fn<(value: unknown) => void>()
    mountApp(defineComponent({ setup: () => (found(inject(dataLayerKey)), () => null) }), (app) => app.use(dataLayer))
    expect(found).toHaveBeenCalledWith(dataLayer)
    await vi.waitFor(() => expect(dataLayer.status).toBe('ready'))
    await dataLayer.close()
  })

  it('puts every member on every component', async () => {
    const { dataLayer } = await twoAccounts()
    const { vm } = mount(Identity, { global: { plugins: [dataLayer] } })
    for (const name of memberMethods) expect(vm[name]).toBeTypeOf('function')
    expect(await vm.$accountSettings(bob)).toEqual({ activeDid: ada, firstName: 'Bob' })
    const { $saveMySettings } = vm
    expect(await $saveMySettings({ firstName: 'Ada' })).toBe(true)
    expect((await vm.$accountSettings()).firstName).toBe('Ada')
    expect(await vm.$dbGetOneRow('SELECT count(*) FROM accounts')).toEqual([2])
  })

  it('makes $activeDid reactive in render functions, templates and script setup, in several components at once', async () => {
    const { dataLayer } = await twoAccounts()
    const Root = defineComponent({ render: () => h('div', [h(ShowsDid), h(ScriptSetupIdentity), h(ShowsDid)]) })
    const { text } = mountApp(Root, (app) => app.use(dataLayer))
    await vi.waitFor(() => expect(text()).toBe(`[${ada}](${ada})[${ada}]`))
    await dataLayer.platform.$updateActiveDid(bob)
    await nextTick()
    expect(text()).toBe(`[${bob}](${bob})[${bob}]`)
    await dataLayer.identity.clear()
    await nextTick()
    expect(text()).toBe('[none]()[none]')
  })

  it('makes it reactive in computed, watch and watchEffect, of the root component too', async () => {
    const { dataLayer } = await twoAccounts()
    const seen: (string | null)[] = []
    const effects: (string | null)[] = []
    const Watcher = defineComponent({
      data: () => ({ own: 1 }),
      computed: {
        shout(): string {
          return (this.$activeDid ?? 'none').toUpperCase()
        },
      },
      watch: {
        $activeDid(value: string | null) {
          seen.push(value)
        },
      },
      mounted() {
        const { proxy } = getCurrentInstance() ?? {}
        watchEffect(() => effects.push((proxy ?? this).$activeDid))
      },
      render() {
        return h('b', this.shout + String(this.own))
      },
    })
    const { text } = mountApp(Watcher, (app) => app.use(dataLayer))
    await vi.waitFor(() => expect(text()).toBe(`${ada.toUpperCase()}1`))
    await dataLayer.identity.activate(bob)
    await nextTick()
    expect(text()).toBe(`${bob.toUpperCase()}1`)
    expect(seen.at(-1)).toBe(bob)
    expect(effects.at(-1)).toBe(bob)
  })

  it('follows a switch by raw SQL and by a removed account', async () => {
    const { dataLayer } = await twoAccounts()
    const { text } = mountApp(ShowsDid, (app) => app.use(dataLayer))
    await vi.waitFor(() => expect(text()).toBe(`[${ada}]`))
    await dataLayer.db.execute(sql`UPDATE active_identity SET activeDid = ${bob}`)
    await vi.waitFor(() => expect(text()).toBe(`[${bob}]`))
    await dataLayer.accounts.remove(bob)
    await vi.waitFor(() => expect(text()).toBe('[none]'))
  })

  it('keeps two apps on one data layer in step, and one going on when the other is unmounted', async () => {
    const { dataLayer } = await twoAccounts()
    const first = mountApp(ShowsDid, (app) => app.use(dataLayer))
    const second = mountApp(ShowsDid, (app) => app.use(dataLayer))
    await vi.waitFor(() => expect([first.text(), second.text()]).toEqual([`[${ada}]`, `[${ada}]`]))
    first.app.unmount()
    await dataLayer.identity.activate(bob)
    await nextTick()
    expect(second.text()).toBe(`[${bob}]`)
  })

  it('stops listening when the app is unmounted', async () => {
    const { dataLayer } = await twoAccounts()
    const stop = vi.fn<() => void>()
    vi.spyOn(dataLayer.platform, 'onActiveDidChange').mockReturnValue(stop)
    const { app } = mountApp(ShowsDid, (used) => used.use(dataLayer))
    expect(stop).not.toHaveBeenCalled()
    app.unmount()
    expect(stop).toHaveBeenCalledOnce()
  })

  it('keeps two apps on two data layers apart', async () => {
    const one = await twoAccounts()
    const two = await twoAccounts()
    const first = mountApp(ShowsDid, (app) => app.use(one.dataLayer))
    const second = mountApp(ShowsDid, (app) => app.use(two.dataLayer))
    await two.dataLayer.identity.activate(bob)
    await vi.waitFor(() => expect([first.text(), second.text()]).toEqual([`[${ada}]`, `[${bob}]`]))
  })

  it('stays reactive when the root is a functional component', async () => {
    const { dataLayer } = await twoAccounts()
    const { text } = mountApp(
      () => h(ShowsDid),
      (app) => app.use(dataLayer),
    )
    await vi.waitFor(() => expect(text()).toBe(`[${ada}]`))
    await dataLayer.identity.activate(bob)
    await nextTick()
    expect(text()).toBe(`[${bob}]`)
  })

  it('stays reactive for components that come after the first one has gone', async () => {
    const { dataLayer } = await twoAccounts()
    const wrapper = mount(
      defineComponent({
        props: { shown: { type: Boolean } },
        render() {
          return this.shown ? h(ShowsDid) : h(Identity)
        },
      }),
      { props: { shown: false }, global: { plugins: [dataLayer] } },
    )
    await wrapper.setProps({ shown: true })
    await vi.waitFor(() => expect(wrapper.text()).toBe(`[${ada}]`))
    await dataLayer.identity.activate(bob)
    await nextTick()
    expect(wrapper.text()).toBe(`[${bob}]`)
  })

  it('is read-only: assigning to it changes nothing, and Vue warns', async () => {
    const { dataLayer } = await twoAccounts()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const Assigns = defineComponent({
      methods: {
        assign() {
          Reflect.set(this, '$activeDid', bob)
        },
      },
      render() {
        return h('span', String(this.$activeDid))
      },
    })
    const wrapper = mount(Assigns, { global: { plugins: [dataLayer] } })
    await vi.waitFor(() => expect(wrapper.text()).toBe(ada))
    wrapper.vm.assign()
    wrapper.vm.$forceUpdate()
    await nextTick()
    expect(wrapper.text()).toBe(ada)
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('$activeDid'))
    warn.mockRestore()
  })

  it('leaves a component’s own data as it is', async () => {
    const { dataLayer } = await twoAccounts()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const Own = defineComponent({ data: () => ({ activeDid: 'own' }), render: () => null })
    const { vm } = mount(Own, { global: { plugins: [dataLayer] } })
    expect(vm.activeDid).toBe('own')
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('shows null and lets calls reject after a launch that was refused', async () => {
    const dataLayer = createDataLayer({
      driver: { ...nodeDriver({ filename: ':memory:' }), open: () => Promise.reject(new Error('no')) },
    })
    const { vm } = mount(ShowsDid, { global: { plugins: [dataLayer] } })
    await expect(vm.$accountSettings()).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(vm.$activeDid).toBeNull()
    await dataLayer.close()
  })
})
