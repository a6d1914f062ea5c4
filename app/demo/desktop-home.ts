import type { Driver } from 'selfsame'
import { electronDriver } from 'selfsame/electron'
import { desktopDatabase, scratchDatabases } from './desktop-names.ts'
import { emptyDatabase } from './empty-database.ts'
import type { Home } from './home.ts'

const driver = electronDriver({ name: desktopDatabase })
const free = [...scratchDatabases]
const waiting: ((name: string) => void)[] = []

/** SQLite in the main process, in a file of the user's, for all windows together. */
export const desktopHome: Home = {
  place: 'a file of yours and shared by all windows',
  driver,
  withScratchDriver: async (work) => {
    const name = free.pop() ?? (await new Promise<string>((resolve) => waiting.push(resolve)))
    const scratch = electronDriver({ name })
    try {
      await emptied(scratch)
      await work(scratch)
    } finally {
      await emptied(scratch)
      const next = waiting.shift()
      if (next) next(name)
      else free.push(name)
    }
  },
  empty: () => emptied(driver),
}

/** A window cannot delete a file; it can leave nothing in it. */
async function emptied(of: Driver): Promise<void> {
  const connection = await of.open()
  try {
    await emptyDatabase(connection)
  } finally {
    await connection.close()
  }
}
