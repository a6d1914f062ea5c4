import { conformanceOn } from '../capacitor/conformance.ts'
import { iosHost } from './ios-host.ts'

conformanceOn(iosHost())
