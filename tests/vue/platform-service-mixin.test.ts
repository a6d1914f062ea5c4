// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { defineComponent, h, nextTick } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { PlatformServiceMixin } from '../../src/vue/index.ts'
import { ada, bob, twoAccounts } from './mount-app.ts'

const Settings = defineComponent({
  mixins: [PlatformServiceMixin],
  data: () => ({ firstName: '' }),
  async mounted() {
    this.firstName = (await this.$accountSettings()).firstName ?? ''
  },
  methods: {
    async switchTo(did: string) {
      if (await this.$updateActiveDid(did)) this.firstName = (await this.$accountSettings()).firstName ?? ''
    },
  },
  render() {
    return h('span', `${this.$activeDid ?? 'none'} ${this.firstName}`)
  },
})

describe('PlatformServiceMixin', () => {
  it('gives a component the members without app.use', async () => {
    await twoAccounts()
    const wrapper = mount(Settings)
    await vi.waitFor(() => expect(wrapper.text()).toBe(`${ada} All`))
    await wrapper.vm.switchTo(bob)
    await nextTick()
    expect(wrapper.text()).toBe(`${bob} Bob`)
    expect(await wrapper.vm.$dbGetOneRow('SELECT 1')).toEqual([1])
  })

  it('keeps several components in step', async () => {
    const { dataLayer } = await twoAccounts()
    const wrapper = mount(defineComponent({ render: () => h('div', [h(Settings), '|', h(Settings)]) }))
    await vi.waitFor(() => expect(wrapper.text()).toBe(`${ada} All|${ada} All`))
    await dataLayer.identity.clear()
    await nextTick()
    expect(wrapper.text()).toBe('none All|none All')
  })

  it('uses the app’s own data layer where there is one, not the one created last', async () => {
    const { dataLayer } = await twoAccounts()
    const other = await twoAccounts()
    await other.dataLayer.identity.activate(bob)
    const wrapper = mount(Settings, { global: { plugins: [dataLayer] } })
    await vi.waitFor(() => expect(wrapper.text()).toBe(`${ada} All`))
  })

  it('says what to do where no data layer is open', () => {
    const Calls = defineComponent({ mixins: [PlatformServiceMixin], render: () => null })
    const { vm } = mount(Calls)
    expect(() => vm.$accountSettings()).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})
