import { conformanceOn } from '../capacitor/conformance.ts'
import { androidHost } from './android-host.ts'

conformanceOn(androidHost())
