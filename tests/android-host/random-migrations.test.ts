import { randomMigrationsOn } from '../capacitor/random-migrations.ts'
import { androidHost } from './android-host.ts'

randomMigrationsOn(androidHost(), 20_261_124)
