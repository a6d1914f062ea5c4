import { computed, onScopeDispose, shallowReadonly, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { LaunchEvent, LaunchReport } from '../db/migration/launch-report.ts'
import type { DataLayerError } from '../errors/index.ts'
import type { DataLayerStatus } from '../services/launcher.ts'
import { useDataLayer } from './use-data-layer.ts'

export interface LaunchStatus {
  /** The report; `null` until the launch is done. */
  readonly data: Readonly<ShallowRef<LaunchReport | null>>
  readonly error: ComputedRef<DataLayerError | undefined>
  readonly status: Readonly<ShallowRef<DataLayerStatus>>
  /** What the launch did last, for a progress bar; `null` before the first event. */
  readonly event: Readonly<ShallowRef<LaunchEvent | null>>
  /** Launches when nobody has yet, and waits for the report. Never rejects. */
  readonly refresh: () => Promise<LaunchReport>
}

/**
 * How the launch is going. Show something else than the app while it is not `ready`.
 *
 * @throws {DataLayerError} `unsupported` outside of `setup()`, or when the app has no data layer
 * @example
 * const { status, data: report, event } = useLaunchStatus()
 */
export function useLaunchStatus(): LaunchStatus {
  const dataLayer = useDataLayer()
  const data = shallowRef(dataLayer.report)
  const status = shallowRef(dataLayer.status)
  const event = shallowRef<LaunchEvent | null>(null)
  const stopStatus = dataLayer.onStatusChange((next) => {
    data.value = dataLayer.report
    status.value = next
  })
  const stopProgress = dataLayer.onProgress((next) => (event.value = next))
  onScopeDispose(() => {
    stopStatus()
    stopProgress()
  })
  return {
    data: shallowReadonly(data),
    error: computed(() => data.value?.error),
    status: shallowReadonly(status),
    event: shallowReadonly(event),
    refresh: () => dataLayer.launch(),
  }
}
