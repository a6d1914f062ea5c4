import type { InjectionKey } from 'vue'
import type { DataLayer } from '../data-layer.ts'
import { dataLayerSymbol } from './injection-key.ts'

/**
 * The key under which `app.use(dataLayer)` provides the data layer.
 *
 * @example
 * const dataLayer = inject(dataLayerKey)
 */
export const dataLayerKey = dataLayerSymbol as unknown as InjectionKey<DataLayer>
