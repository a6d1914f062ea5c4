import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver } from '../../../driver.ts'
import { createLaunchLock } from '../launch-lock.ts'
import { openConnection } from '../node-connection.ts'
import { realPath } from '../../../real-path.ts'
import { cipherEngine } from './cipher-engine.ts'
import { encryptedCopies } from './encrypted-copies.ts'
import { loadCipherModule } from './cipher-module.ts'

export interface EncryptedDriverOptions {
  /** The database's path. */
  readonly filename: string
  /** The key of 32 bytes, as 64 hexadecimal digits. */
  readonly key: string
  /** Whether a missing file is created; `true` unless said. */
  readonly create?: boolean
}

/**
 * The driver for a database whose file is encrypted as SQLCipher 4 does it, with better-sqlite3-multiple-ciphers, which the
 * app installs. Copies are encrypted with the same key; what `export` gives is not encrypted.
 *
 * @throws {DataLayerError} `invalid-value` for a key of another form
 * @example
 * const driver = encryptedDriver({ filename: 'app.sqlite', key })
 */
export function encryptedDriver({ filename, key, create = true }: EncryptedDriverOptions): Driver {
  const path = realPath(filename)
  checkKey(key)
  return {
    name: 'encrypted',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: true, durable: true, multipleConnections: true },
    open: async (options) =>
      openConnection(path, {
        ...options,
        create,
        readOnly: false,
        engine: cipherEngine(await loadCipherModule(), key),
      }),
    acquireLaunchLock: createLaunchLock(path),
    copies: encryptedCopies(path, key),
  }
}

/** @throws {DataLayerError} `invalid-value`, without saying the key back */
export function checkKey(key: string): void {
  if (!/^[0-9a-f]{64}$/i.test(key)) throw new DataLayerError('invalid-value', 'A key has 64 hexadecimal digits.')
}
