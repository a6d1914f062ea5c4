import { createDataLayer, sql, type Driver } from 'selfsame'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'

/** How long one kind of call takes on this device: the middle of several runs, in milliseconds. */
export interface Measurement {
  readonly name: string
  readonly medianMs: number
  readonly runs: number
}

/** Measures what an app does most, on an empty database. Takes a second or two on a phone. */
export async function runBenchmark(driver: Driver): Promise<Measurement[]> {
  const connection = await driver.open()
  try {
    await writeLegacyDatabase(connection, buildLegacyDatabase({ accounts: 100, contacts: 500 }))
  } finally {
    await connection.close()
  }
  const started = performance.now()
  const first = createDataLayer({ driver })
  await first.launch()
  await first.close()
  const migration = { name: 'launch that migrates 100 accounts', medianMs: performance.now() - started, runs: 1 }
  const launch = await measure('launch of a current database', 5, async () => {
    const dataLayer = createDataLayer({ driver })
    await dataLayer.launch()
    await dataLayer.close()
  })
  const dataLayer = createDataLayer({ driver })
  try {
    await dataLayer.launch()
    const dids = (await dataLayer.accounts.list()).map(({ did }) => did)
    const insert = (run: number) =>
      Array.from(
        { length: 100 },
        (_, row) => sql`INSERT INTO logs (date, message) VALUES (${`${run}`}, ${`row ${row}`})`,
      )
    return [
      migration,
      launch,
      await measure('read the settings of an account', 20, () => dataLayer.settings.forAccount()),
      await measure('switch the identity', 20, (run) => dataLayer.identity.activate(dids[run % dids.length] ?? '')),
      await measure('insert 100 rows in one transaction', 10, (run) => dataLayer.db.batch(insert(run))),
      await measure('read 500 rows', 10, () => dataLayer.db.query(sql`SELECT * FROM contacts`)),
    ]
  } finally {
    await dataLayer.close()
  }
}

async function measure(name: string, runs: number, work: (run: number) => Promise<unknown>): Promise<Measurement> {
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now()
    await work(run)
    times.push(performance.now() - started)
  }
  const sorted = times.toSorted((one, other) => one - other)
  return { name, medianMs: sorted[Math.floor(runs / 2)] ?? 0, runs }
}
