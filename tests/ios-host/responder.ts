import { loadCipherModule } from '../../src/db/drivers/node/encrypted/cipher-module.ts'
import { answer } from './plugin/answer.ts'
import { CapacitorSQLite } from './plugin/capacitor-sqlite.ts'
import { deviceFolders, type IosSettings } from './plugin/device-folders.ts'
import { Keychain } from './plugin/keychain.ts'
import { Secret } from './plugin/secret.ts'

interface Call {
  readonly callbackId: string
  readonly pluginId: string
  readonly methodName: string
  readonly options: Readonly<Record<string, unknown>>
}

const [folder = '', keychain = '', given = '{}'] = process.argv.slice(2)
const settings = JSON.parse(given) as IosSettings
// CapacitorSQLitePlugin.swift, sqliteConfig: encryption is off, and the prefix empty, unless they are set
const encrypts = settings.iosIsEncryption === true
const folders = deviceFolders(folder, settings, encrypts ? await loadCipherModule() : undefined)
const secret = new Secret(new Keychain(keychain), settings.iosKeychainPrefix ?? '', folders)
const plugin = new CapacitorSQLite(folders, encrypts ? secret : undefined)

// One after the other, as on Capacitor's dispatch queue «bridge».
process.on('message', ({ pageNumber, call }: { pageNumber: number; call: Call }) => {
  // The bridge sends what the page logs to a plugin called Console.
  if (call.pluginId !== 'CapacitorSQLite') return
  process.send?.({ pageNumber, answer: answer(plugin, call) })
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
