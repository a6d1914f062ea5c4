import { electronDriver } from 'selfsame/electron'
import { desktopDatabase, scratchDatabases } from './desktop-names.ts'
import type { Home } from './home.ts'
import { emptied, scratchPool } from './scratch-pool.ts'

const driver = electronDriver({ name: desktopDatabase })

/** SQLite in the main process, in a file of the user's, for all windows together. */
export const desktopHome: Home = {
  place: 'a file of yours and shared by all windows',
  driver,
  ...scratchPool(scratchDatabases, (name) => electronDriver({ name })),
  empty: () => emptied(driver),
}
