import type { LockHolder } from '../../db/driver.ts'
import { expectEqual, expectRejection, expectTrue } from './expectations.ts'
import { driverTest, onConnection, run, type ConformanceTest } from './conformance-test.ts'

export const launchLockTests: readonly ConformanceTest[] = [
  driverTest('launch lock: one at a time has it', async (driver) => {
    let holders = 0
    let most = 0
    const launch = async () => {
      const release = await driver.acquireLaunchLock({ timeoutMs: 20_000 })
      holders += 1
      most = Math.max(most, holders)
      await new Promise((resolve) => setTimeout(resolve, 2))
      holders -= 1
      await release()
    }
    await Promise.all(Array.from({ length: 5 }, launch))
    expectEqual([most, holders], [1, 0])
  }),
  driverTest('launch lock: who waits too long is told who holds it, and since when', async (driver) => {
    const release = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    try {
      const error = await expectRejection(driver.acquireLaunchLock({ timeoutMs: 60 }), 'locked')
      expectEqual(typeof error.details?.holder, 'string', 'the type of the holder')
      expectTrue(!Number.isNaN(Date.parse(String(error.details?.since))), 'since is no time')
    } finally {
      await release()
    }
    await (
      await driver.acquireLaunchLock({ timeoutMs: 1000 })
    )()
  }),
  driverTest('launch lock: onWait is called once when it is held, and not when it is free', async (driver) => {
    const heard: (LockHolder | null)[] = []
    let told!: () => void
    const waiting = new Promise<void>((resolve) => (told = resolve))
    const onWait = (holder: LockHolder | null) => {
      heard.push(holder)
      told()
    }
    const release = await driver.acquireLaunchLock({ timeoutMs: 1000, onWait })
    expectEqual(heard.length, 0, 'calls while it was free')
    const second = driver.acquireLaunchLock({ timeoutMs: 20_000, onWait })
    await waiting
    await new Promise((resolve) => setTimeout(resolve, 100))
    await release()
    const releaseSecond = await second
    await releaseSecond()
    expectEqual(heard.length, 1, 'calls while it was held')
  }),
  driverTest('launch lock: letting go twice does no harm to the next holder', async (driver) => {
    const first = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    await first()
    const second = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    await first()
    await expectRejection(driver.acquireLaunchLock({ timeoutMs: 60 }), 'locked')
    await second()
  }),
  driverTest('launch lock: the database can be used while it is held', async (driver) => {
    const release = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    try {
      await onConnection(driver, async (connection) => {
        expectEqual((await run(connection, 'CREATE TABLE a (n)')).tables, ['sqlite_schema'])
      })
    } finally {
      await release()
    }
  }),
]
