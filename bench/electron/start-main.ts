import { registerElectronDatabase } from '../../src/db/drivers/electron/main/index.ts'
import { inProcess } from '../../tests/electron/stand-in/desktop-app.ts'

const pageAddress = 'app://bench/'

/** Main with the door to a database in a process of its own, and beside it the channel `echo`, whose handler only answers. */
export function startMain(filename: string) {
  const handlers = new Map<string, (event: unknown, value: unknown) => unknown>([['echo', (_, value) => value]])
  const { close } = registerElectronDatabase(
    { handle: (channel, handler) => void handlers.set(channel, handler), removeHandler: () => undefined },
    {
      pages: [pageAddress],
      databases: { app: inProcess(filename) },
    },
  )
  const event = {
    sender: { id: 1, isDestroyed: () => false, send: () => undefined, on: () => undefined },
    senderFrame: { url: pageAddress, parent: null },
  }
  return { answer: async (channel: string, value: unknown) => handlers.get(channel)?.(event, value), close }
}
