import type { SqlValue } from '../db/values.ts'
import { DataLayerError } from '../errors/index.ts'
import { encodeColumn } from '../identity/column-codecs.ts'
import { settingsColumns, type SettingName, type SettingsPatch } from '../identity/settings-columns.ts'
import { checkDidOrNone } from './check-did.ts'
import { nameForMessage } from './name-for-message.ts'

/** A patch of which every key is a described column and every value is what that column stores. */
export interface CheckedPatch {
  readonly values: readonly { readonly column: SettingName; readonly value: SqlValue }[]
  /** Absent when the patch leaves the identity alone. */
  readonly activeDid?: string | null
}

const addressing: ReadonlySet<string> = new Set(['id', 'accountDid', 'activeDid'])

/**
 * Looks at every key before anything is sent: a key becomes SQL only as a column of the schema description.
 *
 * @throws {DataLayerError} `unknown-setting` for any other key, `invalid-value` for a value of a type its column does not take
 */
export function checkSettingsPatch(patch: SettingsPatch): CheckedPatch {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new DataLayerError('invalid-value', 'A patch is an object with settings as its keys.')
  }
  const names = Object.keys(patch).filter((key): key is SettingName => {
    // hasOwn and not «in»: constructor and __proto__ are in every object.
    if (Object.hasOwn(settingsColumns, key)) return true
    if (addressing.has(key)) return false
    throw unknownSetting(nameForMessage(key))
  })
  const values = names
    .filter((column) => patch[column] !== undefined)
    .map((column) => ({ column, value: encodeColumn('settings', column, settingsColumns[column], patch[column]) }))
  const { activeDid } = patch
  return activeDid === undefined ? { values } : { values, activeDid: checkDidOrNone(activeDid) }
}

/**
 * The error of a statement that names a column, made `unknown-setting` where this database, an older one, does not have
 * the column. Every other error stays what it is.
 */
export function asUnknownSetting(error: unknown, { values }: CheckedPatch): unknown {
  if (!(error instanceof DataLayerError) || error.code !== 'sqlite') return error
  const name = /(?:no such column: |has no column named )"?(\w+)/.exec(error.message)?.[1]
  return values.some(({ column }) => column === name) ? unknownSetting(`${name}`, ' in this database') : error
}

function unknownSetting(name: string, where = ''): DataLayerError {
  return new DataLayerError('unknown-setting', `settings has no column ${name}${where}.`, {
    details: { setting: name },
  })
}
