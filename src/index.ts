export { createDataLayer, type DataLayer, type DataLayerOptions, type Migrations } from './data-layer.ts'
export type { Queryable, Database, ExecuteResult } from './db/database.ts'
export type { ChangeListener, DatabaseChange } from './db/change-feed.ts'
export type * from './db/driver.ts'
export type { Row } from './db/rows.ts'
export type { CheckedStatement, Statement } from './db/statement.ts'
export type { SqlValue } from './db/values.ts'
export type { VerifyReport } from './db/verify.ts'
export { sql } from './db/sql.ts'
export type * from './db/migration/component.ts'
export { componentFromSql } from './db/migration/component-from-sql.ts'
export { defineComponent } from './db/migration/define-component.ts'
export type * from './db/migration/launch-report.ts'
export type * from './db/migration/migrator-types.ts'
export type { RepairEntry } from './db/migration/ledger/repair-log.ts'
export { DataLayerError, type ErrorCode, type ErrorContext, type SqliteCode } from './errors/index.ts'
export type { Account, NewAccount } from './identity/account-columns.ts'
export { identityComponent } from './identity/component.ts'
export {
  DEFAULT_SETTINGS,
  MASTER_SETTINGS_KEY,
  type BoundingBox,
  type SearchBox,
  type SettingName,
  type Settings,
  type SettingsPatch,
  type SettingValue,
} from './identity/settings-columns.ts'
export { platformDriver, type PlatformDriverOptions } from './platform-driver.ts'
export type { AccountsService, RemoveOptions } from './services/accounts-service.ts'
export type { ActiveDidListener } from './services/active-did.ts'
export type { ActiveIdentity } from './services/active-identity-statements.ts'
export type { BackupCopy, BackupService } from './services/backup-service.ts'
export type { IdentityService } from './services/identity-service.ts'
export type { DataLayerStatus, LaunchOptions } from './services/launcher.ts'
export {
  migrateActiveDidToSeparateTable,
  retrieveSettingsForActiveAccount,
  retrieveSettingsForDefaultAccount,
  rollbackActiveDidMigration,
  type MigrationResult,
} from './services/legacy-functions.ts'
export type { Logger } from './services/logger.ts'
export type { DataLayerMembers, ExecResult, QueryResult } from './services/members.ts'
export type { PlatformService } from './services/platform-service.ts'
export { PlatformServiceFactory } from './services/platform-service-factory.ts'
export type { SettingsService } from './services/settings-service.ts'
export type { InstallableApp } from './vue/plugin.ts'
