import { capacitorDriver } from 'selfsame/capacitor'
import type { Home } from './home.ts'
import { emptied, scratchPool } from './scratch-pool.ts'

const driver = capacitorDriver({ name: 'selfsame-demo' })
/** One is enough: calls of the plugin wait for one another anyway. */
const scratchNames = ['selfsame-diagnostics']

/** SQLite of the plugin, in a file of the app's. */
export const phoneHome: Home = {
  place: "a file of this app's",
  driver,
  ...scratchPool(scratchNames, (name) => capacitorDriver({ name })),
  empty: () => emptied(driver),
}

/** What Capacitor's own getPlatform looks for, without bringing Capacitor to browsers. */
export function isPhone(): boolean {
  const { androidBridge, webkit } = globalThis as {
    androidBridge?: unknown
    webkit?: { messageHandlers?: { bridge?: unknown } }
  }
  return androidBridge !== undefined || webkit?.messageHandlers?.bridge !== undefined
}
