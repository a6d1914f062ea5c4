import type { Driver, DriverSession } from 'selfsame'

/** About two frames: longer than this, and a page looks stuck. */
const patienceMs = 32

/**
 * The driver with a pause for the page now and then: sql.js runs on the page's own thread, and a long migration would
 * otherwise show its progress only when it is over. Only within a session, where a launch does its work: elsewhere a
 * pause could let a later call overtake an earlier one.
 */
export function paintBetween(driver: Driver): Driver {
  let painted = performance.now()
  const paint = async () => {
    if (performance.now() - painted < patienceMs) return
    // A task of its own, not a microtask: only between tasks does the browser paint.
    await new Promise((resolve) => setTimeout(resolve))
    painted = performance.now()
  }
  const withPauses = (session: DriverSession): DriverSession => ({
    run: async (statements, options) => {
      await paint()
      return session.run(statements, options)
    },
    release: () => session.release(),
  })
  return {
    ...driver,
    open: async () => {
      const connection = await driver.open()
      return { ...connection, reserve: async () => withPauses(await connection.reserve()) }
    },
  }
}
