import type { DataLayer } from '../data-layer.ts'
import { memberMethods } from '../services/members.ts'
import { dataLayerSymbol } from './injection-key.ts'

/** What `app.use` hands over, as far as it is needed. The core must load without Vue, so it describes instead of importing. */
export interface InstallableApp {
  readonly config: { readonly globalProperties: Record<string, unknown> }
  provide(key: symbol, value: unknown): unknown
  mixin(mixin: object): unknown
  onUnmount?(callback: () => void): void
}

interface Instance {
  readonly $data: { readonly [stateKey]?: ActiveDidState }
}

interface ActiveDidState {
  activeDid: string | null
}

const stateKey = '$selfsameActiveDid'

/** Provides the data layer, puts its members on every component, makes `$activeDid` reactive and launches. */
export function installDataLayer(app: InstallableApp, dataLayer: DataLayer): void {
  const { platform } = dataLayer
  app.provide(dataLayerSymbol, dataLayer)
  for (const name of memberMethods) {
    const method = platform[name] as (...args: unknown[]) => unknown
    app.config.globalProperties[name] = method.bind(platform)
  }

  // Vue makes a component's data reactive, and whoever reads it through there depends on it. So the first component keeps
  // the value for the whole app, and nothing here has to import Vue to hold a reactive one.
  const state: ActiveDidState = { activeDid: platform.$activeDid }
  const keeper: { component?: Instance; state?: ActiveDidState | undefined } = {}
  const reactiveState = () => (keeper.state ??= keeper.component?.$data[stateKey]) ?? state
  app.mixin({
    data(this: Instance) {
      if (keeper.component) return {}
      keeper.component = this
      return { [stateKey]: state }
    },
    // Not a global property like the rest: assigning to one of those would hide it from the component that does.
    computed: { $activeDid: () => reactiveState().activeDid },
  })
  const stop = platform.onActiveDidChange((activeDid) => {
    reactiveState().activeDid = activeDid
  })
  app.onUnmount?.(stop)
  void dataLayer.launch()
}
