import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nodeDriver } from '../src/db/drivers/node/index.ts'
import { Migrator } from '../src/db/migration/migrator.ts'
import { identityComponent } from '../src/identity/component.ts'
import { buildLegacyDatabase, writeLegacyDatabase } from '../src/testing/legacy/index.ts'
import { alternate, compare, microseconds, type BenchResult } from './measure.ts'

const runs = 15
const times = 20

/** What every start of an app pays when there is nothing to migrate. */
export async function launches(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const filename = join(folder, 'app.sqlite')
  const start = async () => {
    const driver = nodeDriver({ filename })
    const connection = await driver.open()
    const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
    await connection.close()
    return report.outcome
  }
  const driver = nodeDriver({ filename })
  const connection = await driver.open()
  await writeLegacyDatabase(connection, buildLegacyDatabase({ contacts: 500 }))
  await connection.close()
  await start()
  try {
    const { subject, peer } = await alternate(
      runs,
      () => microseconds(times, mustBeCurrent),
      () => microseconds(times, () => openAndRead(filename)),
    )
    const names = { subject: 'open, launch, close', peer: 'node:sqlite: open, read one row, close' }
    const milli = (values: readonly number[]) => values.map((value) => value / 1000)
    return [compare({ name: 'Starting on a current database', ...names, unit: 'ms' }, milli(subject), milli(peer))]
  } finally {
    rmSync(folder, { recursive: true })
  }

  async function mustBeCurrent(): Promise<void> {
    const outcome = await start()
    if (outcome !== 'current') throw new Error(`The launch was to find nothing to do, and was ${outcome}.`)
  }
}

function openAndRead(filename: string): void {
  const database = new DatabaseSync(filename)
  database.prepare('SELECT activeDid FROM active_identity WHERE id = 1').get()
  database.close()
}
