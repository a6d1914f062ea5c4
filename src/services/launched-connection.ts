import type { DriverConnection } from '../db/driver.ts'
import type { Launcher } from './launcher.ts'

/**
 * The connection as it will be once the launch is done: each call starts the launch or waits for it. The database above it
 * can so be handed out before anything is open.
 */
export function launchedConnection(launcher: Launcher, engine: string): DriverConnection {
  return {
    engine,
    run: async (statements, options) => (await launcher.connection()).run(statements, options),
    reserve: async (options) => (await launcher.connection()).reserve(options),
    export: async () => (await launcher.connection()).export(),
    onChange: (listener) => {
      let stop: (() => void) | undefined
      const stopWaiting = launcher.onStatus((status) => {
        // The connection there is now, not the promise of one: the data layer may be closing already.
        if (status === 'ready') stop = launcher.opened?.onChange?.(listener)
      })
      return () => {
        stopWaiting()
        stop?.()
      }
    },
    close: () => launcher.close(),
  }
}
