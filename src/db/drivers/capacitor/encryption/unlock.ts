import type { DataLayerError } from '../../../../errors/index.ts'
import type { CapacitorSQLitePlugin, NativePlatform } from '../plugin.ts'
import { copyName } from '../database-folder.ts'
import { encryptingCopyOf, ExistingDatabase } from './encrypt-existing.ts'
import { fileState, fileStates } from './file-state.ts'
import { giveSecret, holdsSecret, mustTakeKeys } from './plugin-secret.ts'
import { unlockError } from './unlock-error.ts'
import { createSecret, readSecret, wrongKey, type SecretProvider } from './secret-provider.ts'

// What this page has seen the plugin hold: to ask again would close the connections of the databases that are open.
const secrets = new WeakMap<CapacitorSQLitePlugin, string>()

/** In milliseconds; once in the life of a database. */
const timeToKeep = 1000

/**
 * Makes a database ready to be opened with its key (`encrypted: true, mode: 'secret'`). The first time on a page, no
 * connection to any database of the plugin may be open: looking at its key closes them all. A missing key is made only where
 * there is nothing that a key may belong to; a database that is not encrypted yet is encrypted.
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
  // Asked before a key is kept that the plugin could not use: it rejects where it is set up without encryption.
  if (kept === null) await mustTakeKeys(plugin)
  if (kept === null && (await mayNeedKey(plugin)))
    throw wrongKey(
      'missing',
      'The database, a copy of it or another one is encrypted and the key is not on this device: it was restored or moved ' +
        'without it. The files are left as they are. Bring the key back through the secret provider, or restore a copy whose ' +
        'key is known.',
    )
  const secret = kept ?? (await createSecret(provider))
  const given = secrets.get(plugin) !== secret && !(await holdsSecret(plugin, platform, secret))
  if (given) {
    // The plugin has one key for all databases: another one must not go while a file needs it that nobody else may have.
    if (before.includes('ours') || (await isNeeded(plugin))) throw otherKey()
    await giveSecret(plugin, platform, secret)
  }
  const [found, copy] = await states()
  if (found === 'unknown' || copy === 'unknown') {
    if (given) await plugin.clearEncryptionSecret()
    throw otherKey()
  }
  secrets.set(plugin, secret)
  // Stores of Android answer before the disk has what they took (SharedPreferences.apply, 100 ms later): a key that is new
  // gets time to arrive before the one file without it is removed.
  if (kept === null && found === 'plain') await new Promise((resolve) => setTimeout(resolve, timeToKeep))
  if (found === 'plain' || copy === 'ours') await new ExistingDatabase(plugin, platform, database, secret).encrypt()
}

async function mayNeedKey(plugin: CapacitorSQLitePlugin): Promise<boolean> {
  const files = await fileStates(plugin)
  if (files.some(({ state }) => state === 'ours')) return true
  const hasKey = (await plugin.isSecretStored()).result === true
  const plain = new Set(files.filter(({ state }) => state === 'plain').map(({ name }) => name))
  // Where there never was a key, a copy of a plain database that cannot be read is a damaged one.
  const isDamaged = (name: string) => !hasKey && plain.has(copyName.exec(name)?.[1] ?? '')
  return files.some(({ name, state }) => state === 'unknown' && !isDamaged(name))
}

async function isNeeded(plugin: CapacitorSQLitePlugin): Promise<boolean> {
  if ((await plugin.isSecretStored()).result !== true) return false
  return (await fileStates(plugin)).some(({ state }) => state === 'ours')
}

function otherKey(): DataLayerError {
  return wrongKey('other', 'The key does not open the database. The file is left as it is.')
}
