import type { Driver } from 'selfsame'
import type { Home } from './home.ts'
import { emptyDatabase } from './empty-database.ts'

/** Lends a few databases that are there anyway, each to one at a time, empty before and after. */
export function scratchPool(
  names: readonly string[],
  driverFor: (name: string) => Driver,
): Pick<Home, 'withScratchDriver'> {
  const free = [...names]
  const waiting: ((name: string) => void)[] = []
  return {
    withScratchDriver: async (work) => {
      const name = free.pop() ?? (await new Promise<string>((resolve) => waiting.push(resolve)))
      const scratch = driverFor(name)
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
  }
}

/** A page cannot delete a file; it can leave nothing in it. */
export async function emptied(driver: Driver): Promise<void> {
  const connection = await driver.open()
  try {
    await emptyDatabase(connection)
  } finally {
    await connection.close()
  }
}
