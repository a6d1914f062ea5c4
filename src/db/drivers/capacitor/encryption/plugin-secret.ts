import type { CapacitorSQLitePlugin, NativePlatform } from '../plugin.ts'

/** The key in the form in which SQLCipher takes it as it is, without deriving another from it. */
export const rawKey = (secret: string) => `x'${secret}'`

/**
 * iOS puts it between quotes without looking at it (UtilsSQLCipher.swift, openOrCreateDatabase); Android hands it to
 * sqlite3_key.
 */
const passphraseOf = (secret: string, platform: NativePlatform) =>
  platform === 'ios' ? `x''${secret}''` : rawKey(secret)

/** Rejects, in the plugin's words, where it is set up so that it can keep no key. */
export async function mustTakeKeys(plugin: CapacitorSQLitePlugin): Promise<void> {
  await plugin.isSecretStored()
  // It may say that it has no key, or another one. Without a prefix for the keychain iOS says that.
  await plugin.checkEncryptionSecret({ passphrase: 'none' }).catch((error: unknown) => {
    if (error instanceof Error && /prefix must not be empty/.test(error.message)) throw error
  })
}

export async function holdsSecret(
  plugin: CapacitorSQLitePlugin,
  platform: NativePlatform,
  secret: string,
): Promise<boolean> {
  if ((await plugin.isSecretStored()).result !== true) return false
  return (await plugin.checkEncryptionSecret({ passphrase: passphraseOf(secret, platform) })).result === true
}

/** Has the plugin hold this key in the place of any other: in the keychain of iOS, one outlives the app. */
export async function giveSecret(
  plugin: CapacitorSQLitePlugin,
  platform: NativePlatform,
  secret: string,
): Promise<void> {
  if ((await plugin.isSecretStored()).result === true) await plugin.clearEncryptionSecret()
  try {
    await plugin.setEncryptionSecret({ passphrase: passphraseOf(secret, platform) })
  } catch (error) {
    // It keeps the key before it looks at the databases: it fails without a folder for them (iOS, "No Database folder") and
    // beside a database of another key ("State for: … not correct"), and has the key by then.
    if (!(await holdsSecret(plugin, platform, secret))) throw error
  }
}
