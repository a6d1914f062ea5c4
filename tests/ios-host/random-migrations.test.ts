import { randomMigrationsOn } from '../capacitor/random-migrations.ts'
import { iosHost } from './ios-host.ts'

randomMigrationsOn(iosHost(), 20_261_125)
