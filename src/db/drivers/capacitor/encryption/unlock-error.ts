import { DataLayerError } from '../../../../errors/index.ts'
import { openError } from '../plugin-error.ts'

const refusals = [
  [
    /No Encryption'? set in capacitor\.config/,
    'The plugin is set up without encryption: set androidIsEncryption and iosIsEncryption to true in capacitor.config.',
  ],
  [
    /keychain prefix must not be empty/,
    'The plugin has no name for its entry in the keychain: set iosKeychainPrefix in capacitor.config.',
  ],
  [
    /must use the same text encoding/,
    'The database is written in UTF-16, and an encrypted one is in UTF-8. It is left as it is, not encrypted.',
  ],
] as const
const key = /[0-9a-f]{64}/i

/** The coded error for what unlocking a database met. It quotes nothing that a key stands in. */
export function unlockError(error: unknown): DataLayerError {
  const coded = openError(error)
  const refusal = refusals.find(([words]) => words.test(coded.message))
  if (refusal) return new DataLayerError('unsupported', refusal[1])
  if (!key.test(coded.message)) return coded
  return new DataLayerError(coded.code, 'The plugin refused a call, in words that the key stands in.')
}
