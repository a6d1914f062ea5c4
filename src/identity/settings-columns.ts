import { codecs, type ColumnCodec } from './column-codecs.ts'

/** A rectangle of the map, in degrees. */
export interface BoundingBox {
  readonly eastLong: number
  readonly maxLat: number
  readonly minLat: number
  readonly westLong: number
}

export interface SearchBox {
  readonly name: string
  readonly bbox: BoundingBox
}

/**
 * Every setting and how its column stores it. This is the only source of column names for reading and writing settings:
 * a name from anywhere else never becomes SQL. `id` and `accountDid` address a row and `activeDid` has a table of its own.
 */
export const settingsColumns = {
  apiServer: codecs.text,
  filterFeedByNearby: codecs.boolean,
  filterFeedByVisible: codecs.boolean,
  finishedOnboarding: codecs.boolean,
  firstName: codecs.text,
  hideRegisterPromptOnNewContact: codecs.boolean,
  isRegistered: codecs.boolean,
  lastName: codecs.text,
  lastAckedOfferToUserJwtId: codecs.text,
  lastAckedOfferToUserProjectsJwtId: codecs.text,
  lastNotifiedClaimId: codecs.text,
  lastViewedClaimId: codecs.text,
  notifyingNewActivityTime: codecs.text,
  notifyingReminderMessage: codecs.text,
  notifyingReminderTime: codecs.text,
  partnerApiServer: codecs.text,
  passkeyExpirationMinutes: codecs.number,
  profileImageUrl: codecs.text,
  searchBoxes: codecs.json<readonly SearchBox[]>(),
  showContactGivesInline: codecs.boolean,
  showGeneralAdvanced: codecs.boolean,
  showShortcutBvc: codecs.boolean,
  vapid: codecs.text,
  warnIfProdServer: codecs.boolean,
  warnIfTestServer: codecs.boolean,
  webPushServer: codecs.text,
  hasBackedUpSeed: codecs.boolean,
} as const

export type SettingName = keyof typeof settingsColumns

/** The app's type of one setting. */
export type SettingValue<Name extends SettingName> =
  (typeof settingsColumns)[Name] extends ColumnCodec<infer T> ? T : never

/**
 * What an app reads. A setting that nobody has made is absent, never `null`. `activeDid` comes from `active_identity`
 * and is absent when no identity is active.
 */
export type Settings = { [Name in SettingName]?: SettingValue<Name> } & { activeDid?: string }

/**
 * What an app saves: `null` clears a setting, `undefined` leaves it alone. `activeDid` switches the identity; `null` and `''`
 * clear it. `id` and `accountDid` are ignored: older callers pass the whole object they had read, and these two address a
 * row instead of being settings.
 */
export type SettingsPatch = { readonly [Name in SettingName]?: SettingValue<Name> | null | undefined } & {
  readonly activeDid?: string | null | undefined
  readonly id?: unknown
  readonly accountDid?: unknown
}

export const settingNames = Object.keys(settingsColumns) as SettingName[]

/** The `id` of the row that holds for all accounts. It is stored as INTEGER or TEXT. */
export const MASTER_SETTINGS_KEY = '1'

/** What a new installation starts from: everything that can be on or off is off. Frozen; spread it to change it. */
export const DEFAULT_SETTINGS: Readonly<Settings> = Object.freeze(
  Object.fromEntries(
    settingNames.filter((name) => settingsColumns[name].kind === 'boolean').map((name) => [name, false]),
  ),
)
