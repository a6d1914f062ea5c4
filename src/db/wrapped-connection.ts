import type { DriverConnection, StatementRunner } from './driver.ts'

/** The same connection, all of whose statements, those of its sessions too, go through what `wrap` makes. */
export function wrappedConnection(
  connection: DriverConnection,
  wrap: (runner: StatementRunner) => StatementRunner['run'],
): DriverConnection {
  const { engine, copies, storage } = connection
  return {
    engine,
    ...(copies ? { copies } : {}),
    ...(storage ? { storage } : {}),
    run: wrap(connection),
    reserve: async () => {
      const session = await connection.reserve()
      return { run: wrap(session), release: () => session.release() }
    },
    export: () => connection.export(),
    ...(connection.onChange ? { onChange: (listener) => connection.onChange!(listener) } : {}),
    close: () => connection.close(),
  }
}
