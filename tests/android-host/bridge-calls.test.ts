import { bridgeCallsOn } from '../capacitor/bridge-calls.ts'
import { androidHost } from './android-host.ts'

bridgeCallsOn(androidHost())
