import { removeWebDatabase, webDriver } from 'selfsame/web'
import type { Home } from './home.ts'

const name = 'selfsame-demo'

/** SQLite in a worker, in the best storage that this browser gives, for all tabs together. */
export const webHome: Home = {
  place: 'this browser and shared by all its tabs',
  driver: webDriver({ name }),
  withScratchDriver: async (work) => {
    const scratch = `selfsame-diagnostics-${crypto.randomUUID()}`
    try {
      await work(webDriver({ name: scratch, persist: false }))
    } finally {
      await removeWebDatabase(scratch)
    }
  },
  empty: () => removeWebDatabase(name),
}
