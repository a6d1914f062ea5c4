export type { IpcMainLike, WebContentsLike, WebFrameLike } from './electron-types.ts'
export {
  registerElectronDatabase,
  type AppLike,
  type ElectronDatabaseOptions,
  type ElectronDatabases,
} from './register-electron-database.ts'
export { databaseKey, type DatabaseKey, type DatabaseKeyOptions } from './keys/database-key.ts'
export type { PasswordPrompt } from './keys/ask-password.ts'
export type { SafeStorageLike } from './keys/safe-storage.ts'
export type { MessageLimits } from './check-message.ts'
export { serveDriver } from '../thread/serve-driver.ts'
export {
  threadDriver,
  type ThreadDriverOptions,
  type UtilityProcessLike,
  type WorkerLike,
} from '../thread/thread-driver.ts'
