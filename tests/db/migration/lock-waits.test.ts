import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDataLayer } from '../../../src/data-layer.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { nodeCopies } from '../../../src/db/drivers/node/node-copies.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { temporaryPath } from '../drivers/temporary-path.ts'
import { customers, orders, shop } from './shop.ts'

const lockTimeoutMs = 100
const component = shop([{ statements: [orders], revert: ['DROP TABLE shop_orders'] }])
/** Waited for as long as it was said, and not for the driver's own 5 seconds. */
const waited = () => {
  const waitedMs = expect.toSatisfy((ms: number) => ms >= lockTimeoutMs && ms < 5000)
  return { code: 'locked', message: expect.stringMatching(/ for the \d+ ms waited\./), details: { waitedMs } }
}

/** A database with the shop, open here, and another connection to it. */
async function open() {
  const filename = temporaryPath('app.sqlite')
  const driver = nodeDriver({ filename })
  const connection = await driver.open()
  const other = new DatabaseSync(filename)
  onTestFinished(async () => {
    other.close()
    await connection.close()
  })
  const migrator = (components = [component]) =>
    new Migrator({ driver, connection }, components, { lockTimeoutMs, backup: false })
  expect((await migrator().launch()).outcome).toBe('migrated')
  return { filename, driver, connection, other, migrator }
}

/** Keeps a reader's lock until the test is over. */
function read(other: DatabaseSync): void {
  other.exec('BEGIN')
  other.prepare('SELECT * FROM sqlite_schema').all()
}

describe('With lockTimeoutMs', () => {
  test.each(['status', 'rollback', 'drop', 'setUp', 'plan'] as const)(
    '%s waits that long for a connection that keeps everybody out',
    async (name) => {
      const { other, migrator } = await open()
      other.exec('BEGIN EXCLUSIVE')
      const calls = {
        status: () => migrator().status(),
        rollback: () => migrator().rollback(),
        drop: () => migrator().drop('shop'),
        setUp: () => migrator().setUp({}),
        plan: () => migrator().plan(),
      }
      await expect(calls[name]()).rejects.toMatchObject(waited())
    },
  )

  test('a launch waits that long to open and to look', async () => {
    const { filename, other, migrator } = await open()
    other.exec('BEGIN EXCLUSIVE')
    expect(await migrator().launch()).toMatchObject({ outcome: 'failed', error: waited() })
    const dataLayer = createDataLayer({
      driver: nodeDriver({ filename }),
      components: [],
      migrations: { lockTimeoutMs },
    })
    expect(await dataLayer.launch()).toMatchObject({ outcome: 'failed', error: waited() })
    await expect(dataLayer.migrations.status()).rejects.toMatchObject(waited())
    await dataLayer.close()
  })

  test('a launch waits that long for a reader to let it commit', async () => {
    const { other, migrator } = await open()
    read(other)
    const report = await migrator([shop([[orders], [customers]])]).launch()
    expect(report).toMatchObject({ outcome: 'failed', error: waited() })
  })

  test('a restore waits that long for a reader', async () => {
    const { filename, other, connection } = await open()
    const { location } = await nodeCopies(filename).write({})
    read(other)
    await expect(connection.copies?.restore(location, { lockTimeoutMs })).rejects.toMatchObject(waited())
    const dataLayer = createDataLayer({
      driver: nodeDriver({ filename }),
      components: [component],
      migrations: { lockTimeoutMs },
    })
    await expect(dataLayer.backup.restore(location)).rejects.toMatchObject(waited())
    await dataLayer.close()
  })

  test('who waits for a launch is told in the message who has the lock, and since when', async () => {
    const { driver, migrator } = await open()
    const release = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    const { error } = await migrator([shop([[orders], [customers]])]).launch()
    await release()
    expect(error).toMatchObject({
      code: 'locked',
      message: expect.stringMatching(
        /^pid \d+ has been migrating this database since \d{4}-.+Z, and has not finished in the \d+ ms waited\.$/,
      ),
      details: { holder: `pid ${process.pid}`, since: expect.any(String), waitedMs: expect.any(Number) },
    })
  })
})
