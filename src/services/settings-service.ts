import type { Database } from '../db/database.ts'
import { DataLayerError } from '../errors/index.ts'
import {
  MASTER_SETTINGS_KEY,
  settingsColumns,
  type Settings,
  type SettingsPatch,
} from '../identity/settings-columns.ts'
import type { ActiveDid } from './active-did.ts'
import { checkDid } from './check-did.ts'
import { asUnknownSetting, checkSettingsPatch } from './check-settings-patch.ts'
import { readDescribed } from './read-described.ts'
import {
  accountTarget,
  activeTarget,
  masterTarget,
  readStatement,
  saveStatements,
  type SettingsSource,
  type SettingsTarget,
} from './settings-statements.ts'

/**
 * The app's settings: one row for all accounts, and one for each account that has settings of its own. Reads never write
 * and take one driver call; so does every save.
 */
export class SettingsService {
  readonly #db: Database
  readonly #activeDid: ActiveDid

  constructor(db: Database, activeDid: ActiveDid) {
    this.#db = db
    this.#activeDid = activeDid
  }

  /** The settings that hold for all accounts. */
  async get(): Promise<Settings> {
    return this.read({ key: MASTER_SETTINGS_KEY, account: 'none' })
  }

  /** The same with one account's own settings on top: the active account's unless a DID is given. */
  async forAccount(did?: string | null): Promise<Settings> {
    return this.read({ key: MASTER_SETTINGS_KEY, account: did ? { did: checkDid(did) } : 'active' })
  }

  /**
   * Saves settings that hold for all accounts; with `activeDid` it switches the identity in the same transaction.
   *
   * @returns `false` only when no account has the DID in `activeDid`; nothing is saved then
   * @throws {DataLayerError} `unknown-setting`, `invalid-value`, and the code of every fault
   * @example
   * await dataLayer.settings.save({ firstName: 'Ada', isRegistered: true, apiServer: null })
   */
  async save(patch: SettingsPatch): Promise<boolean> {
    return this.#save(masterTarget, patch)
  }

  /**
   * Saves settings of one account alone; the master row stays as it is.
   *
   * @returns `false` only when no account has this DID, or the one in `activeDid`; nothing is saved then
   * @throws {DataLayerError} `unknown-setting`, `invalid-value`, and the code of every fault
   */
  async saveForAccount(did: string, patch: SettingsPatch): Promise<boolean> {
    return this.#save(accountTarget(checkDid(did)), patch)
  }

  /**
   * Saves settings of the account that is active when the save runs, or those for all accounts when none is. An `activeDid`
   * in the patch switches the identity after that.
   *
   * @returns `false` only when no account has the DID in `activeDid`; nothing is saved then
   * @throws {DataLayerError} `unknown-setting`, `invalid-value`, and the code of every fault
   */
  async saveForActive(patch: SettingsPatch): Promise<boolean> {
    return this.#save(activeTarget, patch)
  }

  /** Lays `defaults`, the lower row and the account's row over each other. `activeDid` comes from `active_identity` alone. */
  async read(source: SettingsSource, defaults?: Settings | null): Promise<Settings> {
    const rows = await this.#db.query(readStatement(source))
    const isBase = (row: (typeof rows)[number]) => row['selfsame:base'] === 1
    const stored = rows.filter((row) => row['selfsame:row'] === 1)
    const base = stored.find(isBase)
    const account = stored.find((row) => !isBase(row))
    const found = [account, base].filter((row) => row !== undefined)
    const settings: Settings = { ...withoutGaps(defaults ?? {}), ...readDescribed('settings', settingsColumns, found) }
    const activeDid = rows[0]?.['selfsame:activeDid']
    this.#activeDid.observe(typeof activeDid === 'string' ? activeDid : null)
    if (typeof activeDid === 'string') settings.activeDid = activeDid
    return settings
  }

  async #save(target: SettingsTarget, patch: SettingsPatch): Promise<boolean> {
    const checked = checkSettingsPatch(patch)
    const statements = saveStatements(target, checked)
    return this.#activeDid.write(
      async () => {
        const results = await this.#db.batch(statements).catch((error: unknown) => {
          throw asUnknownSetting(error, checked)
        })
        if (results.at(-1)?.rows[0]?.[0] !== 1) return false
        const written = checked.values.length === 0 || results.slice(0, 2).some(({ changes }) => changes > 0)
        const switched = checked.activeDid === undefined || results.at(-2)?.changes === 1
        // Nothing but a trigger of the app's own that says RAISE(IGNORE) does this.
        if (!written || !switched) throw new DataLayerError('sqlite', 'SQLite wrote no row and gave no reason.')
        return true
      },
      (saved) => (saved ? checked.activeDid : undefined),
    )
  }
}

// A default's activeDid would be a guess, and its row address is not the row's.
function withoutGaps(defaults: Settings): Settings {
  const kept = Object.entries(defaults).filter(
    ([key, value]) => value !== undefined && value !== null && !['id', 'accountDid', 'activeDid'].includes(key),
  )
  return Object.fromEntries(kept)
}
