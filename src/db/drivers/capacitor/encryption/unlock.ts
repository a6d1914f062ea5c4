import type { DataLayerError } from '../../../../errors/index.ts'
import type { CapacitorSQLitePlugin, NativePlatform } from '../plugin.ts'
import { encryptingCopyOf, ExistingDatabase } from './encrypt-existing.ts'
import { fileState } from './file-state.ts'
import { giveSecret, holdsSecret } from './plugin-secret.ts'
import { unlockError } from './unlock-error.ts'
import { createSecret, readSecret, wrongKey, type SecretProvider } from './secret-provider.ts'

/** In milliseconds; once in the life of a database. */
const timeToKeep = 1000

/**
 * Makes a database ready to be opened with its key (`encrypted: true, mode: 'secret'`). No connection to any database of the
 * plugin may be open: looking at its key closes them all. A missing key is made only where there is nothing that a key may
 * belong to; a database that is not encrypted yet is encrypted.
 *
 * @throws {DataLayerError} `wrong-key`: the file is kept, `details.reason` is `missing`, `other` or `unreadable`;
 * `unsupported` where the plugin is set up without encryption, and for a database in UTF-16
 */
export async function unlock(
  plugin: CapacitorSQLitePlugin,
  platform: NativePlatform,
  database: string,
  provider: SecretProvider,
): Promise<void> {
  try {
    await unlockDatabase(plugin, platform, database, provider)
  } catch (error) {
    throw unlockError(error)
  }
}

async function unlockDatabase(
  plugin: CapacitorSQLitePlugin,
  platform: NativePlatform,
  database: string,
  provider: SecretProvider,
): Promise<void> {
  const kept = await readSecret(provider)
  const names = [database, encryptingCopyOf(database)] as const
  // A page that was loaded anew has left its connection, and with it perhaps a transaction that keeps everybody out.
  for (const name of names) await plugin.closeConnection({ database: name, readonly: false }).catch(() => undefined)
  const states = async () => [await fileState(plugin, names[0]), await fileState(plugin, names[1])] as const
  const before = await states()
  const encrypted = before.includes('ours') || before.includes('unknown')
  if (kept === null && encrypted)
    throw wrongKey(
      'missing',
      'The database is encrypted and its key is not on this device: it was restored or moved without it. The file is left as ' +
        'it is. Bring the key back through the secret provider, or restore a copy whose key is known.',
    )
  // Asked before a key is kept that a plugin without encryption could not use: it rejects.
  if (kept === null) await plugin.isSecretStored()
  const secret = kept ?? (await createSecret(provider))
  if (!(await holdsSecret(plugin, platform, secret))) {
    if (before.includes('ours')) throw otherKey()
    await giveSecret(plugin, platform, secret)
  }
  const [found, copy] = await states()
  if (found === 'unknown' || copy === 'unknown') {
    await plugin.clearEncryptionSecret()
    throw otherKey()
  }
  // Stores of Android answer before the disk has what they took (SharedPreferences.apply, 100 ms later): a key that is new
  // gets time to arrive before the one file without it is removed.
  if (kept === null && found === 'plain') await new Promise((resolve) => setTimeout(resolve, timeToKeep))
  if (found === 'plain' || copy === 'ours') await new ExistingDatabase(plugin, platform, database, secret).encrypt()
}

function otherKey(): DataLayerError {
  return wrongKey('other', 'The key does not open the database. The file is left as it is.')
}
