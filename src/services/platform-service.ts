import type { Database } from '../db/database.ts'
import type { LaunchReport } from '../db/migration/launch-report.ts'
import type { RollbackReport } from '../db/migration/migrator-types.ts'
import { MASTER_SETTINGS_KEY, type Settings, type SettingsPatch } from '../identity/settings-columns.ts'
import type { ActiveDid, ActiveDidListener } from './active-did.ts'
import type { ActiveIdentity } from './active-identity-statements.ts'
import { checkDid } from './check-did.ts'
import type { IdentityService } from './identity-service.ts'
import type { DataLayerMembers, ExecResult, QueryResult } from './members.ts'
import type { SettingsService } from './settings-service.ts'

/** What the platform service needs of the data layer it belongs to. */
export interface PlatformServiceHost {
  readonly db: Database
  readonly settings: SettingsService
  readonly identity: IdentityService
  launch(): Promise<LaunchReport>
  rollback(): Promise<RollbackReport>
  /** How many active DIDs this launch moved to their table: 0 or 1. */
  movedIdentities(): Promise<number>
}

/**
 * The members of {@link DataLayerMembers} for callers that are no components, under the names older code knows.
 *
 * @example
 * const platform = PlatformServiceFactory.getInstance()
 * const { values } = await platform.dbQuery('SELECT did FROM accounts')
 */
export class PlatformService implements DataLayerMembers {
  readonly #host: PlatformServiceHost
  readonly #activeDid: ActiveDid

  constructor(host: PlatformServiceHost, activeDid: ActiveDid) {
    this.#host = host
    this.#activeDid = activeDid
  }

  get $activeDid(): string | null {
    return this.#activeDid.value
  }

  /** Calls `listener` with every new active DID. Returns the function that ends it. */
  onActiveDidChange(listener: ActiveDidListener): () => void {
    return this.#activeDid.onChange(listener)
  }

  async $accountSettings(did?: string | null, defaults?: Settings): Promise<Settings> {
    const account = did ? { did: checkDid(did) } : 'active'
    return this.#host.settings.read({ key: MASTER_SETTINGS_KEY, account }, defaults)
  }

  async $settings(defaults?: Settings): Promise<Settings> {
    return this.$getSettings(MASTER_SETTINGS_KEY, defaults)
  }

  async $getSettings(key: string, fallback?: Settings | null): Promise<Settings> {
    return this.$getMergedSettings(key, null, fallback)
  }

  async $getMergedSettings(key: string, accountDid?: string | null, fallback?: Settings | null): Promise<Settings> {
    const account = accountDid ? { did: checkDid(accountDid) } : 'none'
    return this.#host.settings.read({ key: String(key), account }, fallback)
  }

  async $saveSettings(patch: SettingsPatch): Promise<boolean> {
    return this.#host.settings.save(patch)
  }

  async $saveUserSettings(did: string, patch: SettingsPatch): Promise<boolean> {
    return this.#host.settings.saveForAccount(did, patch)
  }

  async $saveMySettings(patch: SettingsPatch): Promise<boolean> {
    return this.#host.settings.saveForActive(patch)
  }

  async $updateActiveDid(did: string | null): Promise<boolean> {
    return this.#host.identity.switchTo(did)
  }

  async $getActiveIdentity(): Promise<ActiveIdentity> {
    return this.#host.identity.get()
  }

  async $dbQuery(text: string, params?: readonly unknown[] | null): Promise<QueryResult> {
    const { columns, rows } = await this.#host.db.run({ text, params: params ?? [] })
    return { columns: [...columns], values: rows.map((row) => [...row]) }
  }

  async $dbExec(text: string, params?: readonly unknown[] | null): Promise<ExecResult> {
    const { changes, lastInsertId } = await this.#host.db.execute({ text, params: params ?? [] })
    // Older callers do arithmetic with it; a rowid they cannot hold exactly is better absent than wrong.
    return typeof lastInsertId === 'number' ? { changes, lastId: lastInsertId } : { changes }
  }

  async $dbGetOneRow(text: string, params?: readonly unknown[] | null): Promise<unknown[] | undefined> {
    return (await this.$dbQuery(text, params)).values[0]
  }

  dbQuery(text: string, params?: readonly unknown[] | null): Promise<QueryResult> {
    return this.$dbQuery(text, params)
  }

  dbExec(text: string, params?: readonly unknown[] | null): Promise<ExecResult> {
    return this.$dbExec(text, params)
  }

  dbGetOneRow(text: string, params?: readonly unknown[] | null): Promise<unknown[] | undefined> {
    return this.$dbGetOneRow(text, params)
  }

  /** What {@link migrateActiveDidToSeparateTable} calls: the launch, and how many active DIDs it moved. */
  async migrate(): Promise<{ report: LaunchReport; moved: number }> {
    const report = await this.#host.launch()
    return { report, moved: report.error ? 0 : await this.#host.movedIdentities() }
  }

  /** What {@link rollbackActiveDidMigration} calls. */
  rollback(): Promise<RollbackReport> {
    return this.#host.rollback()
  }
}
