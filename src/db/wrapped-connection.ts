import type { DriverConnection, RunOptions, StatementRunner } from './driver.ts'

/**
 * The same connection, all of whose statements, those of its sessions too, go through what `wrap` makes.
 *
 * @param waiting how long its sessions wait for their turn
 */
export function wrappedConnection(
  connection: DriverConnection,
  wrap: (runner: StatementRunner) => StatementRunner['run'],
  waiting: Pick<RunOptions, 'lockTimeoutMs'> = {},
): DriverConnection {
  const { engine, copies, storage } = connection
  return {
    engine,
    ...(copies ? { copies } : {}),
    ...(storage ? { storage } : {}),
    run: wrap(connection),
    reserve: async (options) => {
      const session = await connection.reserve({ ...waiting, ...options })
      return { run: wrap(session), release: () => session.release() }
    },
    export: () => connection.export(),
    ...(connection.onChange ? { onChange: (listener) => connection.onChange!(listener) } : {}),
    close: () => connection.close(),
  }
}
