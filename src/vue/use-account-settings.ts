import { toValue, type MaybeRefOrGetter } from 'vue'
import type { Settings } from '../identity/settings-columns.ts'
import { useDatabaseValue, type DatabaseValue } from './use-database-value.ts'
import { useDataLayer } from './use-data-layer.ts'

export interface AccountSettingsOptions {
  /** What a setting is that nobody has made. */
  readonly defaults?: MaybeRefOrGetter<Settings | undefined>
}

/**
 * The settings of an account, as `$accountSettings` gives them, kept current.
 *
 * @param did whose; the active account's unless given
 * @throws {DataLayerError} `unsupported` outside of `setup()`, or when the app has no data layer
 * @example
 * const { data: settings, status } = useAccountSettings()
 * @example
 * const { data } = useAccountSettings(() => props.did, { defaults: DEFAULT_SETTINGS })
 */
export function useAccountSettings(
  did?: MaybeRefOrGetter<string | null | undefined>,
  { defaults }: AccountSettingsOptions = {},
): DatabaseValue<Settings> {
  const dataLayer = useDataLayer()
  return useDatabaseValue(
    dataLayer,
    ['settings', 'active_identity', 'accounts'],
    () => [toValue(did), toValue(defaults)],
    () => dataLayer.platform.$accountSettings(toValue(did), toValue(defaults)),
  )
}
