import { pageTestsOn } from '../capacitor/page.ts'
import { iosHost } from './ios-host.ts'

pageTestsOn(iosHost(), iosHost({ settings: { iosIsEncryption: true, iosKeychainPrefix: 'selfsame' } }))
