import fc from 'fast-check'
import { defineComponent, identityComponent, type Driver } from 'selfsame'
import { Database } from '../../../src/db/database.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { checkStatement } from '../../../src/db/statement.ts'
import { verifyDatabase } from '../../../src/db/verify.ts'
import { arbitraryLegacyDatabase, type LegacyDatabase } from '../../property/arbitrary-legacy-database.ts'
import { snapshot, type Snapshot } from '../../property/snapshot.ts'

/**
 * Migrates random legacy databases, rolls them back and migrates them again: the property that tests/property holds on
 * other engines, inside a page.
 *
 * @returns how many rows were compared, and what was found wrong
 */
export async function migrateRandomDatabases(
  makeDriver: () => Driver,
  databases: number,
  seed: number,
): Promise<{ rows: number; findings: string[] }> {
  const findings: string[] = []
  let rows = 0
  for (const [index, legacy] of fc
    .sample(arbitraryLegacyDatabase({ fullText: true }), { numRuns: databases, seed })
    .entries()) {
    try {
      rows += await migrateOne(makeDriver(), legacy, (what) => findings.push(`database ${index}: ${what}`))
    } catch (error) {
      findings.push(`database ${index}: ${String(error)}`)
    }
  }
  return { rows, findings }
}

async function migrateOne(driver: Driver, legacy: LegacyDatabase, find: (what: string) => void): Promise<number> {
  const connection = await driver.open()
  const db = new Database(connection)
  const migrator = () => new Migrator({ driver, connection }, [identityComponent()])
  const migrate = async () => {
    const { error } = await migrator().launch()
    if (error) throw error
  }
  const expectSame = (what: string, before: unknown, after: unknown) => {
    if (fc.stringify(before) !== fc.stringify(after)) find(what)
  }
  try {
    await connection.run([checkStatement({ text: 'PRAGMA foreign_keys = OFF' })])
    await connection.run(legacy.header.map(checkStatement))
    await connection.run(legacy.statements.map(checkStatement), { transaction: true })
    await connection.run([checkStatement({ text: 'PRAGMA foreign_keys = ON' })])
    const without = ['settings.activeDid']
    const whole = await snapshot(db)
    const before = comparable(await snapshot(db, { without }), legacy)
    await migrate()
    expectSame('rows after the migration', before, comparable(await snapshot(db, { without }), legacy))
    const verified = await verifyDatabase(db, [identityComponent()])
    if (verified.integrity.length > 0 || verified.invariants.some(({ ok }) => !ok)) find('integrity or invariants')
    const identity = await db.queryOne({ text: 'SELECT activeDid FROM active_identity' })
    if (identity?.['activeDid'] !== legacy.activeDid) find('the active DID')
    const again = { without: ['active_identity.lastUpdated'] }
    const first = await snapshot(db, again)
    await migrator().rollback()
    expectSame('rows after the rollback', whole, await snapshot(db))
    await migrate()
    expectSame('rows after the second migration', first, await snapshot(db, again))
    return Object.values(whole.tables).reduce((sum, table) => sum + table.length, 0)
  } finally {
    await db.close()
  }
}

/** What may differ after a migration, taken out: the converted table, views that read the moved column. */
function comparable({ tables, views, header }: Snapshot, { activeDidViews }: LegacyDatabase) {
  const { active_identity: _, ...others } = tables
  const same = Object.entries(views).filter(([name]) => !activeDidViews.includes(name))
  return { tables: others, views: Object.fromEntries(same), header }
}

/** A component whose last patch fails, for a look at what a failed launch leaves. */
export const failingComponent = defineComponent({
  name: 'failing',
  patches: [
    { name: 'failing-0001', statements: ['CREATE TABLE half (n)'] },
    { name: 'failing-0002', statements: ['INSERT INTO nowhere VALUES (1)'] },
  ],
})
