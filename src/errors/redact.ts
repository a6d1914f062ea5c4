/**
 * Shortens a DID so that a person can tell two apart and nobody can use it: method and last four characters.
 *
 * @example
 * shortenDid('did:ethr:0x1234567890abcdef') // 'did:ethr:…cdef'
 */
export function shortenDid(did: string): string {
  const match = /^did:[^:\s]*:/.exec(did)
  const method = match ? match[0] : ''
  const rest = did.slice(method.length)
  return rest.length > 8 ? `${method}…${rest.slice(-4)}` : `${method}…`
}

const didInText = /did:[A-Za-z0-9]+:[^\s'"`,;()[\]{}]+/g
// Hexadecimal or base64 of 128 bits and more is taken for key material, whatever it really is.
const keyInText = /(?<![A-Za-z0-9+/])[A-Za-z0-9+][A-Za-z0-9+/]{31,}={0,2}/g

/** Text that came from an engine or a file system, made fit for a message: DIDs shortened, anything like a key left out. */
export function redactText(text: string): string {
  return text
    .replace(didInText, (did) => shortenDid(did))
    .replace(keyInText, (run) => (/\d/.test(run) && /[A-Za-z]/.test(run) ? '…' : run))
}
