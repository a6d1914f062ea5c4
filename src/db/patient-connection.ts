import type { DriverConnection, StatementRunner } from './driver.ts'

/** The same connection, whose statements wait this long for another connection's lock, where they do not say themselves. */
export function patientConnection(connection: DriverConnection, lockTimeoutMs: number | undefined): DriverConnection {
  if (lockTimeoutMs === undefined) return connection
  const patient = (runner: StatementRunner): StatementRunner => ({
    run: (statements, options) => runner.run(statements, { lockTimeoutMs, ...options }),
  })
  const { engine, copies, storage } = connection
  return {
    engine,
    ...(copies ? { copies } : {}),
    ...(storage ? { storage } : {}),
    ...patient(connection),
    reserve: async () => {
      const session = await connection.reserve()
      return { ...patient(session), release: () => session.release() }
    },
    export: () => connection.export(),
    ...(connection.onChange ? { onChange: (listener) => connection.onChange!(listener) } : {}),
    close: () => connection.close(),
  }
}
