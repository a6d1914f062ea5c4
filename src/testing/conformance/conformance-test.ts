import { Database } from '../../db/database.ts'
import type { Driver, DriverConnection, ResultSet, RunOptions, StatementRunner } from '../../db/driver.ts'
import { checkStatement, type Statement } from '../../db/statement.ts'

/** One behaviour that every driver must have. `run` rejects with an Error that says what was expected and what came. */
export interface ConformanceTest {
  readonly name: string
  /** @param driver a driver for an empty database, of this test alone */
  run(driver: Driver): Promise<void>
}

export function driverTest(name: string, body: (driver: Driver) => Promise<void>): ConformanceTest {
  return { name, run: body }
}

/** A test with one open connection, closed whatever happens. */
export function connectionTest(
  name: string,
  body: (connection: DriverConnection, driver: Driver) => Promise<void>,
): ConformanceTest {
  return driverTest(name, (driver) => onConnection(driver, (connection) => body(connection, driver)))
}

/** A test on the `Database` above a connection. */
export function databaseTest(name: string, body: (db: Database, driver: Driver) => Promise<void>): ConformanceTest {
  return driverTest(name, async (driver) => {
    const db = new Database(await driver.open())
    try {
      await body(db, driver)
    } finally {
      await db.close()
    }
  })
}

export async function onConnection<T>(driver: Driver, body: (connection: DriverConnection) => Promise<T>): Promise<T> {
  const connection = await driver.open()
  try {
    return await body(connection)
  } finally {
    await connection.close()
  }
}

/** Runs one statement and gives its result. */
export async function run(runner: StatementRunner, text: string, ...params: readonly unknown[]): Promise<ResultSet> {
  const [result] = await runAll(runner, [{ text, params }])
  if (!result) throw new Error(`No result came for ${text}`)
  return result
}

export async function runAll(
  runner: StatementRunner,
  statements: readonly (Statement | string)[],
  options?: RunOptions,
): Promise<ResultSet[]> {
  const checked = statements.map((statement) =>
    checkStatement(typeof statement === 'string' ? { text: statement } : statement),
  )
  return runner.run(checked, options)
}

/** The first value of the first row. */
export async function valueOf(runner: StatementRunner, text: string, ...params: readonly unknown[]): Promise<unknown> {
  return (await run(runner, text, ...params)).rows[0]?.[0]
}
