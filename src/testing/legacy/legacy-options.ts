/** What `settings.activeDid` of the master row says. */
export type LegacyState =
  /** The DID of an account. */
  | 'valid'
  /** Nothing: NULL, or `''` with `noneAs: 'empty'`. */
  | 'none'
  /** A DID that no account has. */
  | 'orphan'
  /** The DID of an account that shares it with another. */
  | 'duplicate'

/**
 * The forms of `active_identity` that earlier versions of the app shipped, oldest first: `NOT NULL DEFAULT ''` with
 * CASCADE, then nullable with SET NULL, then nullable with RESTRICT.
 */
export type EarlierActiveIdentity = 'not-null-cascade' | 'set-null' | 'restrict'

/** What the legacy database holds. Everything has a default: `{}` is three accounts, the first of them active. */
export interface LegacyDatabaseOptions {
  readonly accounts?: number
  readonly contacts?: number
  readonly logs?: number
  readonly state?: LegacyState
  /** How `state: 'none'` is written. */
  readonly noneAs?: 'null' | 'empty'
  /** The same number gives the same rows. */
  readonly seed?: number
  /** The type of `settings.id`: some versions compared the master row's key as text. */
  readonly settingsId?: 'integer' | 'text'
  /** `false` leaves the row with id 1 out, as in an app that was never set up. */
  readonly masterRow?: boolean
  /** `false` leaves out the settings rows of single accounts. */
  readonly accountSettings?: boolean
  /** What `activeDid` holds in the rows of single accounts, where nothing should read it. */
  readonly accountActiveDid?: 'null' | 'own' | 'orphan' | 'empty'
  /** Whether an earlier version of the app has already made its own `active_identity`. */
  readonly activeIdentity?: EarlierActiveIdentity
  /** What that table says: the same as the settings, the last account, nothing yet, or no row at all. */
  readonly activeIdentityValue?: 'same' | 'newer' | 'none' | 'no-row'
  /** Whether the app's own list of migrations is there; it is when `activeIdentity` is. */
  readonly migrations?: boolean
  /** Whether `accounts.did` was UNIQUE, as in the rewritten first migration. */
  readonly uniqueDids?: boolean
  /** What a user or a plug-in added to the database beside the app's own tables. */
  readonly additions?: readonly LegacyAddition[]
}

/** Things that the app did not make, and that have to be there afterwards. */
export type LegacyAddition =
  /** Tables with foreign keys into `accounts(did)`, `accounts(id)` and `settings(id)`, filled. */
  | 'tables'
  /** Columns of the user's own in `accounts` and `settings`, under names that need quotes. */
  | 'columns'
  /** Views that do not read `settings.activeDid`. */
  | 'views'
  /** A view that does. */
  | 'view-of-active-did'
  /** Triggers on `accounts` and `settings` that keep an audit. */
  | 'triggers'
  /** Indexes: on `settings.activeDid` alone, on an expression, and a partial one. */
  | 'indexes'
