import { bridgeCallsOn } from '../capacitor/bridge-calls.ts'
import { iosHost } from './ios-host.ts'

bridgeCallsOn(iosHost())
