import { defineComponent, inject, type ComponentPublicInstance } from 'vue'
import { memberMethods, type DataLayerMembers } from '../services/members.ts'
import { PlatformServiceFactory } from '../services/platform-service-factory.ts'
import type { PlatformService } from '../services/platform-service.ts'
import { activeDidRef } from './active-did-ref.ts'
import { dataLayerKey } from './data-layer-key.ts'

type MemberMethods = Pick<DataLayerMembers, (typeof memberMethods)[number]>

/** The app's own data layer; without `app.use`, the one created last. */
function platformOf(component: ComponentPublicInstance): PlatformService {
  const provided = component.$.appContext.app.runWithContext(() => inject(dataLayerKey, null))
  return provided?.platform ?? PlatformServiceFactory.getInstance()
}

const methods = Object.fromEntries(
  memberMethods.map((name) => [
    name,
    function callPlatform(this: ComponentPublicInstance, ...args: unknown[]) {
      const platform = platformOf(this)
      return (platform[name] as (...rest: unknown[]) => unknown).apply(platform, args)
    },
  ]),
) as unknown as MemberMethods

/**
 * The `$` members for components of an app that does not call `app.use(dataLayer)`. With it they are there without a mixin,
 * and this one then uses the same data layer.
 *
 * @example
 * import { defineComponent } from 'vue'
 * import type { Settings } from 'selfsame'
 *
 * export default defineComponent({
 *   mixins: [PlatformServiceMixin],
 *   data: () => ({ settings: {} as Settings }),
 *   async mounted() {
 *     this.settings = await this.$accountSettings()
 *   },
 * })
 */
export const PlatformServiceMixin = defineComponent({
  computed: {
    $activeDid(): string | null {
      return activeDidRef(platformOf(this)).value
    },
  },
  methods,
})
