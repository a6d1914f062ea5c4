import { interruptionsOn } from '../capacitor/interruptions.ts'
import { androidHost } from './android-host.ts'

interruptionsOn(androidHost())
