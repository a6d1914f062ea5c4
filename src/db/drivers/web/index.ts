export type { Synchronous } from './storage/opfs-storage.ts'
export type { StorageKind } from './storage/storage.ts'
export { webDriver, type WebDriverOptions } from './web-driver.ts'
export { askToPersist, storageUsage, type StorageUsage } from './web-storage.ts'
