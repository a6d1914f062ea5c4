import { encryptionOn } from '../capacitor/encryption.ts'
import { unlockingOn } from '../capacitor/unlock.ts'
import { iosHost } from './ios-host.ts'

// The settings of capacitor.config.ts, with encryption on.
const settings = { iosDatabaseLocation: 'Library/CapacitorDatabase', iosKeychainPrefix: 'selfsame' }
const hostWith = (encryption: boolean) => iosHost({ settings: { ...settings, iosIsEncryption: encryption } })

encryptionOn(hostWith(true), { databases: settings.iosDatabaseLocation, keys: 'keychain.json' })
unlockingOn(hostWith)
