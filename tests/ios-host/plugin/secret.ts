import { existsSync, readdirSync } from 'node:fs'
import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import { databaseState } from './database-state.ts'
import type { DeviceFolders } from './device-folders.ts'
import type { Keychain } from './keychain.ts'

const oldAccount = 'CapacitorSQLitePlugin'

/** UtilsSecret.swift: the one passphrase that the plugin keeps for all databases of an app. */
export class Secret {
  readonly #keychain: Keychain
  readonly #prefix: string
  readonly #folders: DeviceFolders

  constructor(keychain: Keychain, prefix: string, folders: DeviceFolders) {
    this.#keychain = keychain
    this.#prefix = prefix
    this.#folders = folders
  }

  // CapacitorSQLite.swift, init: the account has the prefix also where that is empty
  get #account(): string {
    return `${this.#prefix}_${oldAccount}`
  }

  // UtilsSecret.swift, isPassphrase: one of before there were prefixes is taken over
  isStored(): boolean {
    if (this.passphrase !== '') return true
    const old = this.#keychain.password(oldAccount)
    if (old === '') return false
    this.#keychain.store(this.#account, old)
    return true
  }

  get passphrase(): string {
    return this.#keychain.password(this.#account)
  }

  // UtilsSecret.swift, setEncryptionSecret: it is kept before the databases are looked at, and those are looked for in Documents
  // (UtilsFile.getDatabasesUrl) wherever the app has them. Databases of the secret that the plugin's code contains, which it
  // encrypts anew with this one, are not made here.
  set(passphrase: string): void {
    if (this.#prefix === '') throw new CapacitorSQLiteError('keychain prefix must not be empty')
    if (passphrase === '') throw new CapacitorSQLiteError('passphrase must not be empty')
    if (this.passphrase !== '') throw new CapacitorSQLiteError('passphrase already stored in keychain')
    this.#keychain.store(this.#account, passphrase)
    const { documents, pathOf, cipher } = this.#folders
    if (!existsSync(documents)) throw new CapacitorSQLiteError('No Database folder')
    for (const file of readdirSync(documents).filter((name) => name.endsWith('.db'))) {
      const state = databaseState(pathOf(file), this.passphrase, cipher)
      if (state === 'UNKNOWN' || state === 'DOESNOTEXIST')
        throw new CapacitorSQLiteError(`State for: ${file} not correct`)
    }
  }

  // UtilsSecret.swift, clearEncryptionSecret: an error of setEncryptionSecret's, which CapacitorSQLite.swift prints as it is
  clear(): void {
    if (this.#prefix === '')
      throw new CapacitorSQLiteError('setEncryptionSecret(message: "keychain prefix must not be empty")')
    if (this.passphrase !== '') this.#keychain.store(this.#account, '')
  }

  // UtilsSecret.swift, checkEncryptionSecret
  isThis(passphrase: string): boolean {
    if (this.#prefix === '') throw new CapacitorSQLiteError('keychain prefix must not be empty')
    if (passphrase === '') throw new CapacitorSQLiteError('passphrase must not be empty')
    if (this.passphrase === '') throw new CapacitorSQLiteError('no passphrase stored in keychain')
    return this.passphrase === passphrase
  }
}
