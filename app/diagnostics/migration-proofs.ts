import { createDataLayer, type Driver, type LaunchReport } from 'selfsame'
import { buildLegacyDatabase, writeLegacyDatabase, type LegacyDatabaseOptions } from 'selfsame/testing'

/** One promise of the migration, tried on an empty database of its own. Rejects where it does not hold. */
export interface MigrationProof {
  readonly name: string
  run(driver: Driver): Promise<void>
}

const additions = ['tables', 'columns', 'views', 'triggers', 'indexes'] as const

function proof(name: string, options: LegacyDatabaseOptions, outcome: LaunchReport['outcome']): MigrationProof {
  return {
    name: `migration: ${name}`,
    run: async (driver) => {
      const tables = await write(driver, { accounts: 40, contacts: 40, additions: [...additions], ...options })
      await launched(driver, outcome)
      if (outcome === 'refused') return expectRows(driver, tables)
      await expectRows(driver, tables)
      await launched(driver, 'current')
    },
  }
}

/** Every state that an earlier app can have left, each with tables, views and triggers of somebody else. */
export const migrationProofs: readonly MigrationProof[] = [
  proof(
    'an active account is moved, every row stays, and a second start finds nothing to do',
    { state: 'valid' },
    'migrated',
  ),
  proof('no active account stays none', { state: 'none' }, 'migrated'),
  proof('an account that was removed becomes none, and the repair is told', { state: 'orphan' }, 'repaired'),
  proof('accounts that share a DID are refused, and no row is changed', { state: 'duplicate' }, 'refused'),
  proof("an earlier app's own table is taken over", { activeIdentity: 'not-null-cascade' }, 'migrated'),
]

/** Writes the database, and answers how many rows each of its tables has. */
async function write(driver: Driver, options: LegacyDatabaseOptions): Promise<Map<string, unknown>> {
  const connection = await driver.open()
  try {
    await writeLegacyDatabase(connection, buildLegacyDatabase(options))
  } finally {
    await connection.close()
  }
  return countRows(driver)
}

async function countRows(driver: Driver): Promise<Map<string, unknown>> {
  const connection = await driver.open()
  try {
    const [tables] = await connection.run([
      { text: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`, params: [] },
    ])
    const counts = new Map<string, unknown>()
    for (const [name] of tables?.rows ?? []) {
      const text = `SELECT count(*) FROM "${String(name).replaceAll('"', '""')}"`
      const [count] = await connection.run([{ text, params: [] }])
      counts.set(String(name), count?.rows[0]?.[0])
    }
    return counts
  } finally {
    await connection.close()
  }
}

async function launched(driver: Driver, outcome: LaunchReport['outcome']): Promise<void> {
  const dataLayer = createDataLayer({ driver })
  try {
    const report = await dataLayer.launch()
    if (report.outcome !== outcome)
      throw new Error(`expected ${outcome}, got ${report.outcome}: ${report.error?.message ?? ''}`)
    if (report.error) return
    const { ok } = await dataLayer.db.verify()
    if (!ok) throw new Error('the database is not in order afterwards')
  } finally {
    await dataLayer.close()
  }
}

async function expectRows(driver: Driver, before: ReadonlyMap<string, unknown>): Promise<void> {
  const after = await countRows(driver)
  for (const [table, rows] of before) {
    if (table !== 'active_identity' && after.get(table) !== rows)
      throw new Error(`${table} had ${String(rows)} rows and has ${String(after.get(table))}`)
  }
}
