export { capacitorDriver, type CapacitorDriverOptions } from './capacitor-driver.ts'
export type { ReadFile } from './export-image.ts'
export type { CapacitorSQLitePlugin, NativePlatform, PluginRow, PluginSource, PluginValue } from './plugin.ts'
