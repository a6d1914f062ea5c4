export { useIdentityStore, type AccountSummary } from './identity.ts'
export { useSettingsStore } from './settings.ts'
