import { setImmediate as turn } from 'node:timers/promises'
import type { DriverConnection } from '../db/driver.ts'
import { wrappedConnection } from '../db/wrapped-connection.ts'

/**
 * Lets the event loop turn before each batch. `node:sqlite` works synchronously, so a migration would otherwise be over
 * before Node has heard of the Ctrl-C that was to stop it, or drawn a progress bar.
 */
export function interruptible(connection: DriverConnection): DriverConnection {
  return wrappedConnection(connection, (runner) => async (...call) => {
    await turn()
    return runner.run(...call)
  })
}
