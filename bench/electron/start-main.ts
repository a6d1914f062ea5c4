import { Worker } from 'node:worker_threads'
import { registerElectronDatabase, threadDriver } from '../../src/db/drivers/electron/main/index.ts'

const pageAddress = 'app://bench/'

/** Main with the door to a database in a thread, and beside it the channel `echo`, whose handler only answers. */
export function startMain(filename: string) {
  const handlers = new Map<string, (event: unknown, value: unknown) => unknown>([['echo', (_, value) => value]])
  const { close } = registerElectronDatabase(
    { handle: (channel, handler) => void handlers.set(channel, handler), removeHandler: () => undefined },
    {
      pages: [pageAddress],
      databases: {
        app: threadDriver(
          () => new Worker(new URL('./database-thread.ts', import.meta.url), { workerData: { filename } }),
        ),
      },
    },
  )
  const event = {
    sender: { id: 1, isDestroyed: () => false, send: () => undefined, on: () => undefined },
    senderFrame: { url: pageAddress, parent: null },
  }
  return { answer: async (channel: string, value: unknown) => handlers.get(channel)?.(event, value), close }
}
