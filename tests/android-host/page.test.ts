import { pageTestsOn } from '../capacitor/page.ts'
import { androidHost } from './android-host.ts'

pageTestsOn(androidHost(), androidHost({ settings: { androidIsEncryption: true } }))
