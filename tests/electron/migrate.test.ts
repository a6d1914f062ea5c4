import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { Database } from '../../src/db/database.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { checkStatement } from '../../src/db/statement.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { identityComponent } from '../../src/identity/component.ts'
import { arbitraryLegacyDatabase, type LegacyDatabase } from '../property/arbitrary-legacy-database.ts'
import { snapshot, type Snapshot } from '../property/snapshot.ts'
import { temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp } from './stand-in/desktop-app.ts'

/** `SELFSAME_FULL=1` asks for more of them. */
const databases = process.env['SELFSAME_FULL'] === '1' ? 300 : 40
const components = [identityComponent()]

/** As an earlier version of the app left it: not through the door, which lets nobody choose an encoding. */
async function writeLegacy(filename: string, { header, statements }: LegacyDatabase): Promise<void> {
  const connection = await nodeDriver({ filename }).open()
  await connection.run([checkStatement({ text: 'PRAGMA foreign_keys = OFF' }), ...header.map(checkStatement)])
  await connection.run(statements.map(checkStatement), { transaction: true })
  await connection.close()
}

/** What a migration changes is left out: the moved column, the converted table, views that read the column. */
function comparable({ tables, views, header }: Snapshot, { activeDidViews }: LegacyDatabase) {
  const { active_identity: _, ...others } = tables
  const same = Object.entries(views).filter(([name]) => !activeDidViews.includes(name))
  return { tables: others, views: Object.fromEntries(same), header }
}

test(
  `${databases} random legacy databases migrate, roll back and migrate again through the door`,
  { timeout: 900_000 },
  async () => {
    let rows = 0
    const property = fc.asyncProperty(arbitraryLegacyDatabase({ fullText: true }), async (legacy) => {
      const filename = temporaryPath('app.sqlite')
      await writeLegacy(filename, legacy)
      const app = desktopApp(nodeDriver({ filename }))
      const { driver } = app.openWindow()
      const connection = await driver.open()
      const db = new Database(connection)
      const migrate = async () => {
        const report = await new Migrator({ driver, connection }, components).launch()
        if (report.error) throw report.error
        return report
      }
      try {
        const without = ['settings.activeDid']
        const whole = await snapshot(db)
        const before = comparable(await snapshot(db, { without }), legacy)

        const { backup } = await migrate()
        expect(backup).toMatch(/selfsame-backup/)
        expect(comparable(await snapshot(db, { without }), legacy)).toEqual(before)
        const { integrity, invariants } = await verifyDatabase(db, components)
        expect([integrity, invariants.filter(({ ok }) => !ok)]).toEqual([[], []])
        const active = await db.queryOne({ text: 'SELECT activeDid FROM active_identity' })
        expect(active).toEqual({ activeDid: legacy.activeDid })

        const again = { without: ['active_identity.lastUpdated'] }
        const first = await snapshot(db, again)
        await new Migrator({ driver, connection }, components).rollback()
        expect(await snapshot(db)).toEqual(whole)
        await migrate()
        expect(await snapshot(db, again)).toEqual(first)
        rows += Object.values(whole.tables).reduce((sum, table) => sum + table.length, 0)
      } finally {
        await app.close()
      }
    })
    await fc.assert(property, { numRuns: databases, seed: 20_261_122, endOnFailure: true })
    process.stdout.write(`electron: ${databases} random legacy databases through the door, ${rows} rows, 0 lost\n`)
  },
)
