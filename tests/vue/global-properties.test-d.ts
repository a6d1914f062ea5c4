// Checked by vue-tsc, never run: a component's `this` knows the members, with their types, once selfsame/vue is imported.
import { expectTypeOf } from 'vitest'
import { createApp, defineComponent } from 'vue'
import { createDataLayer, type Settings } from '../../src/index.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { PlatformServiceMixin, useAccountSettings, useDataLayer } from '../../src/vue/index.ts'
import { useIdentityStore } from '../../src/vue/stores/index.ts'

createApp({}).use(createDataLayer({ driver: nodeDriver({ filename: ':memory:' }) }))

defineComponent({
  data: () => ({ own: 1 }),
  async mounted() {
    expectTypeOf(await this.$accountSettings()).toEqualTypeOf<Settings>()
    expectTypeOf((await this.$accountSettings('did:x:y', { firstName: 'x' })).firstName).toEqualTypeOf<
      string | undefined
    >()
    expectTypeOf(this.$activeDid).toEqualTypeOf<string | null>()
    expectTypeOf(await this.$updateActiveDid(null)).toEqualTypeOf<boolean>()
    expectTypeOf(await this.$getActiveIdentity()).toExtend<{ activeDid: string | null; lastUpdated: string }>()
    expectTypeOf(await this.$dbQuery('SELECT 1', [1])).toEqualTypeOf<{ columns: string[]; values: unknown[][] }>()
    expectTypeOf(await this.$dbExec('SELECT 1')).toEqualTypeOf<{ changes: number; lastId?: number }>()
    expectTypeOf(await this.$dbGetOneRow('SELECT 1')).toEqualTypeOf<unknown[] | undefined>()
    await this.$saveSettings({ ...(await this.$accountSettings()), firstName: null, activeDid: null })
    // @ts-expect-error: no such setting
    await this.$saveSettings({ firstname: 'x' })
    // @ts-expect-error: not its type
    await this.$saveUserSettings('did:x:y', { isRegistered: 1 })
    // @ts-expect-error: null or a DID, said outright
    await this.$updateActiveDid()
    // @ts-expect-error: read-only
    this.$activeDid = null
  },
})

defineComponent({
  mixins: [PlatformServiceMixin],
  methods: {
    async greet(): Promise<string | undefined> {
      return (await this.$settings()).firstName
    },
  },
})

defineComponent({
  setup() {
    expectTypeOf(useAccountSettings().data.value).toEqualTypeOf<Settings | undefined>()
    expectTypeOf(useDataLayer().identity.get()).resolves.toHaveProperty('activeDid')
    expectTypeOf(useIdentityStore().activeDid).toEqualTypeOf<string | null>()
    // @ts-expect-error: read-only
    useAccountSettings().status.value = 'ready'
  },
})
