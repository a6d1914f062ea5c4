import type { Driver, DriverConnection, RunOptions, StatementRunner } from 'selfsame'

/** About two frames: longer than this, and a page looks stuck. */
const patienceMs = 32

/**
 * The driver with a pause for the page now and then: sql.js runs on the page's own thread, and a long migration would
 * otherwise show its progress only when it is over.
 */
export function paintBetween(driver: Driver): Driver {
  let painted = performance.now()
  const paint = async () => {
    if (performance.now() - painted < patienceMs) return
    // A task of its own, not a microtask: only between tasks does the browser paint.
    await new Promise((resolve) => setTimeout(resolve))
    painted = performance.now()
  }
  const paintBefore = (runner: StatementRunner) => async (statements: Statements, options?: RunOptions) => {
    await paint()
    return runner.run(statements, options)
  }
  const paintingConnection = (connection: DriverConnection): DriverConnection => ({
    ...connection,
    run: paintBefore(connection),
    reserve: async () => {
      const session = await connection.reserve()
      return { run: paintBefore(session), release: () => session.release() }
    },
  })
  return { ...driver, open: async () => paintingConnection(await driver.open()) }
}

type Statements = Parameters<StatementRunner['run']>[0]
