import { DataLayerError } from '../errors/index.ts'

/**
 * The one place where a caller's DID is looked at. Its grammar is not checked: accounts of older apps hold what they hold.
 *
 * @throws {DataLayerError} `invalid-value` for anything but a text that is not empty
 */
export function checkDid(did: unknown, what = 'A DID'): string {
  if (typeof did === 'string' && did !== '' && did.isWellFormed()) return did
  throw new DataLayerError('invalid-value', `${what} is a text that is not empty.`, { details: { type: typeof did } })
}

/** A DID to switch to, or `null` for none. Older callers write `''` for none. */
export function checkDidOrNone(did: unknown): string | null {
  return did === null || did === '' ? null : checkDid(did, 'The DID to switch to')
}
