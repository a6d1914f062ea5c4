import type { Settings, SettingsPatch } from '../identity/settings-columns.ts'
import type { ActiveIdentity } from './active-identity-statements.ts'

/** What a query answered, rows as lists in the order of the columns. Two columns may have one name. */
export interface QueryResult {
  columns: string[]
  values: unknown[][]
}

/** What a write did. `lastId` is the rowid of the last row an INSERT put in. */
export interface ExecResult {
  changes: number
  lastId?: number
}

/**
 * What a component calls as `this.$…`, and every other caller on the platform service. All of it waits for the launch, and
 * rejects with the launch's error when that was refused or failed: no identity, a database that did not migrate and one
 * that cannot be opened are three different answers.
 */
export interface DataLayerMembers {
  /**
   * The settings that hold for an account: `defaults` < the master row < the account's row, `null` and absent values never
   * hiding a lower one, and the active DID. The active account's unless a DID is given. One driver call.
   *
   * @throws {DataLayerError} `invalid-value` for a column whose content its type does not allow, and the code of every fault
   * @example
   * const { firstName, activeDid } = await this.$accountSettings()
   */
  $accountSettings(did?: string | null, defaults?: Settings): Promise<Settings>
  /** The master row alone, over `defaults`, and the active DID. */
  $settings(defaults?: Settings): Promise<Settings>
  /** The row with this `id`, or of this DID, over `fallback`, and the active DID. */
  $getSettings(key: string, fallback?: Settings | null): Promise<Settings>
  /** The row of `$getSettings` with an account's row on top where a DID is given, and the active DID. */
  $getMergedSettings(key: string, accountDid?: string | null, fallback?: Settings | null): Promise<Settings>
  /**
   * Saves settings that hold for all accounts. `activeDid` in the patch switches the identity in the same transaction,
   * `null` clears a setting, `id` and `accountDid` are ignored. One driver call.
   *
   * @returns `false` only for an `activeDid` that no account has; nothing is saved then
   * @throws {DataLayerError} `unknown-setting` for a key that is no column, `invalid-value`, and the code of every fault
   */
  $saveSettings(patch: SettingsPatch): Promise<boolean>
  /** The same for one account's own row; `false` also when no account has that DID. */
  $saveUserSettings(did: string, patch: SettingsPatch): Promise<boolean>
  /** The same for the row of the account that is active as the save runs; the master row when none is. */
  $saveMySettings(patch: SettingsPatch): Promise<boolean>
  /**
   * Switches the identity, or clears it with `null`. One driver call.
   *
   * @returns `false` only when no account has this DID
   */
  $updateActiveDid(did: string | null): Promise<boolean>
  /** Who is active. One driver call. */
  $getActiveIdentity(): Promise<ActiveIdentity>
  /** @throws {DataLayerError} `unsupported` for a text with none or several statements, and SQLite's own errors */
  $dbQuery(text: string, params?: readonly unknown[] | null): Promise<QueryResult>
  $dbExec(text: string, params?: readonly unknown[] | null): Promise<ExecResult>
  /** The first row; `undefined` when there is none. */
  $dbGetOneRow(text: string, params?: readonly unknown[] | null): Promise<unknown[] | undefined>
  /**
   * The active DID or `null`, live: also after a switch elsewhere. It is `null` too until the launch is done and the value
   * has been read; where that matters, await `$getActiveIdentity()`.
   */
  readonly $activeDid: string | null
}

/** The members that are methods. */
export const memberMethods = [
  '$accountSettings',
  '$settings',
  '$getSettings',
  '$getMergedSettings',
  '$saveSettings',
  '$saveUserSettings',
  '$saveMySettings',
  '$updateActiveDid',
  '$getActiveIdentity',
  '$dbQuery',
  '$dbExec',
  '$dbGetOneRow',
] as const satisfies readonly (keyof DataLayerMembers)[]
