import { conformanceOn, encryptedConformanceOn } from '../capacitor/conformance.ts'
import { iosHost } from './ios-host.ts'

conformanceOn(iosHost())
encryptedConformanceOn(iosHost({ settings: { iosIsEncryption: true, iosKeychainPrefix: 'selfsame' } }))
