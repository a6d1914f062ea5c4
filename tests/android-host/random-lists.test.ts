import { randomListsOn } from '../capacitor/random-lists.ts'
import { androidHost } from './android-host.ts'

randomListsOn(androidHost(), 20_261_121)
