import { setImmediate as turn } from 'node:timers/promises'
import type { DriverConnection, StatementRunner } from '../db/driver.ts'

/**
 * Lets the event loop turn before each batch. `node:sqlite` works synchronously, so a migration would otherwise be over
 * before Node has heard of the Ctrl-C that was to stop it, or drawn a progress bar.
 */
export function interruptible(connection: DriverConnection): DriverConnection {
  const run =
    (runner: StatementRunner): StatementRunner['run'] =>
    async (...call) => {
      await turn()
      return runner.run(...call)
    }
  return {
    ...connection,
    run: run(connection),
    reserve: async () => {
      const session = await connection.reserve()
      return { run: run(session), release: () => session.release() }
    },
  }
}
