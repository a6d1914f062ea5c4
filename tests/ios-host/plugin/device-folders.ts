import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CipherModule } from '../../../src/db/drivers/node/encrypted/cipher-module.ts'

/** What `plugins.CapacitorSQLite` of `capacitor.config.ts` says to iOS. */
export interface IosSettings {
  readonly iosIsEncryption?: boolean
  readonly iosKeychainPrefix?: string
  readonly iosDatabaseLocation?: string
}

/** Where an app's files are, and the engine for those that have a key. */
export interface DeviceFolders {
  readonly documents: string
  readonly databases: string
  /** Not there where encryption is off: then no key is ever asked for. */
  readonly cipher: CipherModule | undefined
  pathOf(file: string): string
}

// UtilsFile.swift, getFolderURL and createDatabaseLocation. Documents itself is the app's folder here.
export function deviceFolders(app: string, { iosDatabaseLocation }: IosSettings, cipher?: CipherModule): DeviceFolders {
  const databases = iosDatabaseLocation === undefined ? app : join(app, iosDatabaseLocation)
  mkdirSync(databases, { recursive: true })
  return { documents: app, databases, cipher, pathOf: (file) => join(databases, file) }
}
