import { encryptionOn } from '../capacitor/encryption.ts'
import { unlockingOn } from '../capacitor/unlock.ts'
import { androidHost } from './android-host.ts'

const hostWith = (encryption: boolean) => androidHost({ settings: { androidIsEncryption: encryption } })

encryptionOn(hostWith(true), { databases: 'data/databases', keys: 'data/shared_prefs' })
unlockingOn(hostWith)
