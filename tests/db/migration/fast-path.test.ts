import { afterEach, describe, expect, test } from 'vitest'
import type { DriverConnection } from '../../../src/db/driver.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'
import { orders, shop } from './shop.ts'
import { engines, openDatabase, type TestDatabase } from './test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

describe('The fast path', () => {
  const counted = (connection: DriverConnection) => {
    const calls: string[][] = []
    const count =
      <T extends Pick<DriverConnection, 'run'>>(runner: T): T['run'] =>
      (statements, options) => {
        calls.push(statements.map(({ text }) => text))
        return runner.run(statements, options)
      }
    const reserve = async () => {
      const session = await connection.reserve()
      return { ...session, run: count(session) }
    }
    return { calls, connection: { ...connection, run: count(connection), reserve } satisfies DriverConnection }
  }

  test.each(engines)('of a current database is at most two calls, reads only, and no lock, on %s', async (engine) => {
    opened = await openDatabase(engine)
    await opened.runUnguarded(...buildLegacyDatabase({ additions: ['tables', 'views', 'triggers', 'indexes'] }))
    const components = [
      identityComponent(),
      shop([[orders]], { repeatables: ['CREATE VIEW items AS SELECT item FROM shop_orders'] }),
    ]
    await opened.migrate(components)
    const { calls, connection } = counted(opened.connection)
    const driver = { ...opened.driver, acquireLaunchLock: () => Promise.reject(new Error('no lock is needed')) }
    const version = await opened.value('PRAGMA data_version')
    const report = await new Migrator({ driver, connection }, components).launch()
    expect(report).toMatchObject({ outcome: 'current' })
    expect(calls.length).toBeLessThanOrEqual(2)
    for (const text of calls.flat()) expect(text).toMatch(/^\s*SELECT/)
    expect(await opened.value('PRAGMA data_version')).toBe(version)
  })

  test('holds while the app holds the last patch', async () => {
    opened = await openDatabase()
    const hold = { hold: ['identity-0005'] }
    await opened.runUnguarded(...buildLegacyDatabase())
    await opened.migrate([identityComponent()], hold)
    const { calls, connection } = counted(opened.connection)
    expect(
      (await new Migrator({ driver: opened.driver, connection }, [identityComponent()], hold).launch()).outcome,
    ).toBe('current')
    expect(calls.length).toBeLessThanOrEqual(2)
  })
})
