import { acceptHMRUpdate, defineStore } from 'pinia'
import { computed } from 'vue'
import type { Settings, SettingsPatch } from '../../identity/settings-columns.ts'
import { useAccountSettings } from '../use-account-settings.ts'
import { useDataLayer } from '../use-data-layer.ts'

const none: Settings = Object.freeze({})

/**
 * The active account's settings, kept current.
 *
 * @example
 * const settings = useSettingsStore()
 * await settings.save({ firstName: 'Ada' })
 * settings.current.firstName // 'Ada'
 */
export const useSettingsStore = defineStore('selfsame-settings', () => {
  const { platform } = useDataLayer()
  const { data, error, status, refresh } = useAccountSettings()
  // A save is over only when whoever awaited it can read what it saved.
  const saved = async (saving: Promise<boolean>) => {
    const done = await saving
    await refresh()
    return done
  }
  return {
    current: computed(() => data.value ?? none),
    error: computed(() => error.value),
    status: computed(() => status.value),
    refresh,
    /** See `$saveSettings`, `$saveMySettings` and `$saveUserSettings`. */
    save: (patch: SettingsPatch) => saved(platform.$saveSettings(patch)),
    saveMine: (patch: SettingsPatch) => saved(platform.$saveMySettings(patch)),
    saveForAccount: (did: string, patch: SettingsPatch) => saved(platform.$saveUserSettings(did, patch)),
  }
})

if (import.meta.hot) import.meta.hot.accept(acceptHMRUpdate(useSettingsStore, import.meta.hot))
