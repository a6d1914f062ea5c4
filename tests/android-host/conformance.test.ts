import { conformanceOn, encryptedConformanceOn } from '../capacitor/conformance.ts'
import { androidHost } from './android-host.ts'

conformanceOn(androidHost())
encryptedConformanceOn(androidHost({ settings: { androidIsEncryption: true } }))
