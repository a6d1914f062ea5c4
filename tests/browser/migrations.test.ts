import { describe, expect, test } from 'vitest'
import { amount } from './support/browser.ts'
import { useProfileTab } from './support/shared.ts'

const tab = useProfileTab()

describe.each(['opfs', 'indexeddb'] as const)('in the worker, kept in %s', (storage) => {
  test('random legacy databases migrate, roll back to the same rows, and migrate again', async () => {
    const databases = amount(2, 150)
    const { rows, findings } = await tab.page.evaluate(
      ({ storage: kind, databases: count }) =>
        selfsame.migrateRandomDatabases(
          () => selfsame.webDriver({ name: crypto.randomUUID(), storage: [kind], persist: false }),
          count,
          20_261_123,
        ),
      { storage, databases },
    )
    process.stdout.write(
      `${storage}: ${databases} random legacy databases, ${rows} rows, ${findings.length} findings\n`,
    )
    expect(findings).toEqual([])
    expect(rows).toBeGreaterThan(0)
  }, 900_000)

  test('a launch that fails leaves the database as it was, and a copy from before', async () => {
    const result = await tab.page.evaluate(async (kind) => {
      const driver = selfsame.webDriver({ name: `failing-${kind}`, storage: [kind], persist: false })
      const connection = await driver.open()
      await selfsame.writeLegacyDatabase(connection, selfsame.buildLegacyDatabase({ accounts: 3 }))
      const read = async () =>
        (await connection.run([{ text: 'SELECT name, sql FROM sqlite_schema ORDER BY 1, 2', params: [] }]))[0]?.rows
      const before = await read()
      const components = [selfsame.identityComponent(), selfsame.failingComponent]
      const { outcome, error, backup } = await selfsame.createDataLayer({ driver, components }).launch()
      const after = await read()
      const copies = await connection.copies?.list({})
      await connection.close()
      return {
        outcome,
        code: error?.code,
        before,
        after,
        isListed: copies?.some(({ location }) => location === backup),
      }
    }, storage)
    expect(result).toMatchObject({ outcome: 'failed', code: 'patch-failed', isListed: true })
    expect(result.after).toEqual(result.before)
  })

  test('ended before statements of a launch: the next start finishes it, nothing lost', async () => {
    const every = amount(90, 1)
    const { statements, killed, broken } = await tab.page.evaluate(
      ({ storage: kind, every: step }) => selfsame.killLaunches(kind, { every: step, weakness: 'none' }),
      { storage, every },
    )
    process.stdout.write(
      `${storage}: worker ended before ${killed} of ${statements} statements of a launch, ${broken.length} broken starts\n`,
    )
    expect(broken).toEqual([])
    expect(killed).toBe(Math.floor(statements / every))
  }, 900_000)

  // Once is enough to see that it would be found.
  test.runIf(amount(storage === 'indexeddb', true))(
    'the same ends find a launch that is in no transaction',
    async () => {
      const every = amount(20, 5)
      const { killed, broken } = await tab.page.evaluate(
        ({ storage: kind, every: step }) => selfsame.killLaunches(kind, { every: step, weakness: 'no-transaction' }),
        { storage, every },
      )
      process.stdout.write(`${storage}, no transaction: ${broken.length} of ${killed} ends break the next start\n`)
      expect(broken.length).toBeGreaterThan(0)
    },
    900_000,
  )
})
