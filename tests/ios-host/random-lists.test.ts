import { randomListsOn } from '../capacitor/random-lists.ts'
import { iosHost } from './ios-host.ts'

randomListsOn(iosHost(), 20_261_121)
