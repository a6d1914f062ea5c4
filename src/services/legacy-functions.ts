import { redactText, shortenDid } from '../errors/index.ts'
import { DEFAULT_SETTINGS, type Settings } from '../identity/settings-columns.ts'
import { PlatformServiceFactory } from './platform-service-factory.ts'

/** What {@link migrateActiveDidToSeparateTable} answers. */
export interface MigrationResult {
  success: boolean
  /** Empty on success. DIDs are shortened. */
  errors: string[]
  warnings: string[]
  /** 1 when this launch moved an active DID to its own table, otherwise 0. */
  dataMigrated: number
}

/** The master row over {@link DEFAULT_SETTINGS}, and the active DID. */
export async function retrieveSettingsForDefaultAccount(): Promise<Settings> {
  return PlatformServiceFactory.getInstance().$settings(DEFAULT_SETTINGS)
}

/** The same with the active account's own settings on top. */
export async function retrieveSettingsForActiveAccount(): Promise<Settings> {
  return PlatformServiceFactory.getInstance().$accountSettings(undefined, DEFAULT_SETTINGS)
}

/**
 * Launches the data layer, which migrates the database, and says what became of the active DID. Nothing to migrate is a
 * success. Rejects only when no data layer is open.
 */
export async function migrateActiveDidToSeparateTable(): Promise<MigrationResult> {
  const { report, moved } = await PlatformServiceFactory.getInstance().migrate()
  const { outcome, error, repairs, warnings } = report
  if (outcome === 'failed' || outcome === 'refused') {
    const text = error ? `${error.code}: ${redactText(error.message)}` : outcome
    return { success: false, errors: [text], warnings: warnings.map(redactText), dataMigrated: 0 }
  }
  return {
    success: true,
    errors: [],
    warnings: [
      ...warnings.map(redactText),
      ...repairs.map(({ kind, table, column, value }) => {
        const was = value === null ? '' : ` (${shortenDid(value)})`
        return `${table}.${column} was put right: ${kind}${was}. The old value is in the repair log.`
      }),
    ],
    dataMigrated: moved,
  }
}

/**
 * Takes the database back to the schema in which `settings` held the active DID, and closes the data layer: what it offers
 * needs the newer schema.
 *
 * @returns whether anything was taken back
 * @throws {DataLayerError} the code of every fault; the database is as it was then
 */
export async function rollbackActiveDidMigration(): Promise<boolean> {
  const { reverted } = await PlatformServiceFactory.getInstance().rollback()
  return reverted.length > 0
}
