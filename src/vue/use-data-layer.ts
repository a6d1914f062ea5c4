import { hasInjectionContext, inject } from 'vue'
import type { DataLayer } from '../data-layer.ts'
import { DataLayerError } from '../errors/index.ts'
import { dataLayerKey } from './data-layer-key.ts'

/**
 * The data layer that the app uses.
 *
 * @throws {DataLayerError} `unsupported` outside of `setup()`, or when the app has none
 * @example
 * const { accounts } = useDataLayer()
 */
export function useDataLayer(): DataLayer {
  if (!hasInjectionContext()) {
    throw new DataLayerError(
      'unsupported',
      'This works in setup(), in a store or in app.runWithContext(), nowhere else.',
    )
  }
  const dataLayer = inject(dataLayerKey, null)
  if (dataLayer) return dataLayer
  throw new DataLayerError(
    'unsupported',
    'This app has no data layer. Call app.use(createDataLayer({ driver })) before mount.',
  )
}
