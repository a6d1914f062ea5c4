import type { DriverConnection } from '../driver.ts'
import { wrappedConnection } from '../wrapped-connection.ts'
import { hideQuoted } from './checks/hide-quoted.ts'
import { hideRaised } from './checks/hide-raised.ts'

/**
 * The same connection as migrations use it: what they say ends up in reports and logs, so that its errors quote nothing of
 * what is stored, and each statement waits `lockTimeoutMs` for another connection's lock where that is said.
 */
export function migrationConnection(connection: DriverConnection, lockTimeoutMs: number | undefined): DriverConnection {
  const waiting = lockTimeoutMs === undefined ? {} : { lockTimeoutMs }
  return wrappedConnection(
    connection,
    (runner) => (statements, options) =>
      runner.run(statements, { ...waiting, ...options }).catch(async (error: unknown) => {
        throw await hideQuoted(runner, await hideRaised(runner, error), statements)
      }),
    waiting,
  )
}
