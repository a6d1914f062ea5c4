import { interruptionsOn } from '../capacitor/interruptions.ts'
import { iosHost } from './ios-host.ts'

interruptionsOn(iosHost())
