import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { expect, it, vi } from 'vitest'
import { useAccountSettings } from '../../src/vue/index.ts'
import { twoAccounts } from './mount-app.ts'

it('an app that uses the data layer renders where there is no browser', async () => {
  expect(typeof window).toBe('undefined')
  const warn = vi.spyOn(console, 'warn')
  const { dataLayer } = await twoAccounts()
  const Root = defineComponent({
    setup() {
      return useAccountSettings()
    },
    render() {
      return h('p', `${this.status} ${this.$activeDid ?? 'none'}`)
    },
  })
  expect(await renderToString(createSSRApp(Root).use(dataLayer))).toMatch(/<p>loading (none|did:ethr:0xada)<\/p>/)
  expect(warn).not.toHaveBeenCalled()
})
