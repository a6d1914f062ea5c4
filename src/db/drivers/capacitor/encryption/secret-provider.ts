import { DataLayerError } from '../../../../errors/index.ts'

/** Where an app keeps the key of its encrypted databases. The plugin has one key for all databases of an app. */
export interface SecretProvider {
  /** The key, 64 hexadecimal digits, or `null` when none is kept. A rejection means that it cannot be told. */
  read(): Promise<string | null>
  /** Keeps a new key. Leave it out where the key comes from elsewhere: then a missing key is always `wrong-key`. */
  write?(secret: string): Promise<void>
}

/** A random key of 256 bits. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The key that is kept, in small letters, or `null`.
 *
 * @throws {DataLayerError} `wrong-key` when it cannot be read, `invalid-value` when it has another form
 */
export async function readSecret(provider: SecretProvider): Promise<string | null> {
  let secret: string | null
  try {
    secret = await provider.read()
  } catch {
    // Its own error may hold the key: it goes no further.
    throw wrongKey('unreadable', 'The key of the database could not be read. Nothing was changed.')
  }
  if (secret !== null && !/^[0-9a-f]{64}$/i.test(secret))
    throw new DataLayerError('invalid-value', 'The secret provider must give 64 hexadecimal digits.')
  // The plugin and SQLCipher would take the same key in capitals for another one.
  return secret?.toLowerCase() ?? null
}

/**
 * Makes a key, has it kept, and reads it back: a database must not be written with a key that is gone tomorrow.
 *
 * @throws {DataLayerError} `wrong-key` when the provider keeps none, `storage-unavailable` when it did not keep this one
 */
export async function createSecret(provider: SecretProvider): Promise<string> {
  if (!provider.write) throw wrongKey('missing', 'The secret provider gave no key, and keeps none.')
  const secret = newSecret()
  try {
    await provider.write(secret)
  } catch {
    throw new DataLayerError('storage-unavailable', 'The new key could not be kept. No database was made.')
  }
  if ((await readSecret(provider)) !== secret)
    throw new DataLayerError('storage-unavailable', 'The new key was not there when it was read back.')
  return secret
}

/** The refusal to open, with the file as it was. */
export function wrongKey(reason: 'missing' | 'other' | 'unreadable', message: string): DataLayerError {
  return new DataLayerError('wrong-key', message, { details: { reason } })
}
