import { createDataLayer, DataLayerError, type DataLayer, type LaunchReport } from 'selfsame'
import { inject, reactive, shallowReactive, type InjectionKey } from 'vue'
import { follow, startProgress, type LaunchProgress } from './launch-steps.ts'
import type { LegacyChoice } from './legacy-choice.ts'
import { fillStore, home, isStoreEmpty } from './store.ts'

export type Phase =
  /** Looking whether there is a database. */
  | 'opening'
  /** There is none: the user says what to fill the store with. */
  | 'empty'
  | 'filling'
  | 'launching'
  | 'launched'
  /** The launch was refused or failed; `report` says why. */
  | 'stopped'
  /** The store itself cannot be opened; `error` says why. */
  | 'unavailable'

/** Where the app is between an empty store and a launched data layer. */
export interface Demo {
  readonly state: {
    phase: Phase
    report: LaunchReport | null
    error: DataLayerError | null
  }
  readonly progress: LaunchProgress
  /** Whether the user loaded the database on this page, and is waiting for it. */
  readonly loaded: boolean
  /** Launches what is in the store; waits where there is nothing. */
  start(): Promise<void>
  /** Fills the empty store and launches that. */
  load(choice: LegacyChoice): Promise<void>
  /** Deletes the database and begins anew. */
  reset(): Promise<void>
}

export const demoKey: InjectionKey<Demo> = Symbol('demo')

export function useDemo(): Demo {
  const demo = inject(demoKey)
  if (!demo) throw new Error('useDemo() works below the app that provides the demo.')
  return demo
}

/** @param show puts the data layer into the app: Vue installs a plugin before it mounts. */
export function createDemo(show: (dataLayer: DataLayer) => void): Demo {
  const state = shallowReactive<Demo['state']>({ phase: 'opening', report: null, error: null })
  const progress = reactive(startProgress())
  let dataLayer: DataLayer | undefined
  let loaded = false

  /** Anything but a coded error is a fault of this app, and goes where such faults go: to the console. */
  const guard = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof DataLayerError)) throw error
      state.error = error
      state.phase = 'unavailable'
    }
  }

  const launch = async () => {
    state.phase = 'launching'
    progress.message = 'Opening the database'
    dataLayer = createDataLayer({ driver: home.driver })
    const launched = dataLayer.launch({ onProgress: (event) => follow(progress, event) })
    show(dataLayer)
    state.report = await launched
    state.phase = state.report.error ? 'stopped' : 'launched'
  }

  return {
    state,
    progress,
    get loaded() {
      return loaded
    },
    start: () =>
      guard(async () => {
        if (await isStoreEmpty()) state.phase = 'empty'
        else await launch()
      }),
    load: (choice) =>
      guard(async () => {
        loaded = true
        state.phase = 'filling'
        await fillStore(choice)
        await launch()
      }),
    reset: () =>
      guard(async () => {
        await dataLayer?.close()
        await home.empty()
        location.reload()
      }),
  }
}
