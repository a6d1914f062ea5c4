import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/db/database.ts'
import type { Driver, DriverConnection } from '../../src/db/driver.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { sqljsDriver } from '../../src/db/drivers/sqljs/index.ts'
import { defineComponent } from '../../src/db/migration/define-component.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { checkStatement } from '../../src/db/statement.ts'
import { DataLayerError } from '../../src/errors/index.ts'
import { verifyDatabase } from '../../src/db/verify.ts'
import { identityComponent } from '../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../src/testing/legacy/index.ts'
import { arbitraryLegacyDatabase, type LegacyDatabase } from './arbitrary-legacy-database.ts'
import { snapshot, type Snapshot } from './snapshot.ts'

const engines: readonly {
  name: string
  driver: Driver
  databases: number
  seed: number
  fullText: boolean
}[] = [
  { name: 'node', driver: nodeDriver({ filename: ':memory:' }), databases: 1000, seed: 20_261_120, fullText: true },
  { name: 'sqljs', driver: sqljsDriver(), databases: 200, seed: 20_261_121, fullText: false },
]

const figures: string[] = []
afterAll(() => void process.stdout.write(`${figures.join('\n')}\n`))

interface Opened {
  readonly driver: Driver
  readonly connection: DriverConnection
  readonly db: Database
}

async function withLegacyDatabase<T>(
  driver: Driver,
  legacy: LegacyDatabase,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const connection = await driver.open()
  const db = new Database(connection)
  try {
    await connection.run([checkStatement({ text: 'PRAGMA foreign_keys = OFF' })])
    await connection.run(legacy.header.map(checkStatement))
    await connection.run(legacy.statements.map(checkStatement), { transaction: true })
    await connection.run([checkStatement({ text: 'PRAGMA foreign_keys = ON' })])
    return await use({ driver, connection, db })
  } finally {
    await db.close()
  }
}

async function migrate({ driver, connection }: Opened) {
  const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
  if (report.error) throw report.error
  return report
}

/** What may differ after a migration, taken out: the moved column, the converted table, views that read the column. */
function comparable({ tables, views, header }: Snapshot, { activeDidViews }: LegacyDatabase) {
  const { active_identity: _, ...others } = tables
  const same = Object.entries(views).filter(([name]) => !activeDidViews.includes(name))
  return { tables: others, views: Object.fromEntries(same), header }
}

/** Rows whose parent is missing, each as one text. */
async function orphans(db: Database): Promise<string[]> {
  const { foreignKeys } = await verifyDatabase(db)
  return foreignKeys.map((row) => JSON.stringify({ ...row, fkid: undefined }))
}

describe.each(engines)('random legacy databases on $name', ({ name, driver, databases, seed, fullText }) => {
  test(
    `${databases} migrate, roll back to the same rows and schema, and migrate again`,
    { timeout: 900_000 },
    async () => {
      let rows = 0
      let held = 0
      let adopted = 0
      await fc.assert(
        fc.asyncProperty(arbitraryLegacyDatabase({ fullText }), async (legacy) => {
          await withLegacyDatabase(driver, legacy, async (opened) => {
            const { db } = opened
            const without = ['settings.activeDid']
            const whole = await snapshot(db)
            const before = comparable(await snapshot(db, { without }), legacy)
            const orphansBefore = await orphans(db)

            const report = await migrate(opened)
            expect(comparable(await snapshot(db, { without }), legacy)).toEqual(before)
            const verified = await verifyDatabase(db, [identityComponent()])
            expect(verified.integrity).toEqual([])
            expect(verified.invariants.filter(({ ok }) => !ok)).toEqual([])
            expect((await orphans(db)).filter((row) => !orphansBefore.includes(row))).toEqual([])
            expect(await db.queryOne({ text: 'SELECT activeDid FROM active_identity' })).toEqual({
              activeDid: legacy.activeDid,
            })

            const again = { without: ['active_identity.lastUpdated'] }
            const first = await snapshot(db, again)
            await new Migrator(opened, [identityComponent()]).rollback()
            expect(await snapshot(db)).toEqual(whole)

            await migrate(opened)
            expect(await snapshot(db, again)).toEqual(first)

            rows += Object.values(whole.tables).reduce((sum, table) => sum + table.length, 0)
            held += report.held.length > 0 ? 1 : 0
            adopted += legacy.earlierActiveIdentity ? 1 : 0
          })
        }),
        { numRuns: databases, seed, endOnFailure: true },
      )
      figures.push(
        `${name}: ${databases} random legacy databases, ${rows} rows, 0 lost; ${held} kept settings.activeDid for a reader of it, ` +
          `${adopted} had an earlier active_identity`,
      )
    },
  )
})

test(
  'random legacy databases in which accounts share a DID are refused and not touched',
  { timeout: 900_000 },
  async () => {
    let refused = 0
    const sample = fc.sample(arbitraryLegacyDatabase({ fullText: true }), { numRuns: 150, seed: 20_261_122 })
    for (const legacy of sample) {
      await withLegacyDatabase(nodeDriver({ filename: ':memory:' }), legacy, async (opened) => {
        const { db } = opened
        const made = await shareDids(db)
        if (!made) return
        const before = { ...(await snapshot(db)), version: await db.queryOne({ text: 'PRAGMA schema_version' }) }
        const report = await new Migrator(opened, [identityComponent()]).launch()
        expect(report).toMatchObject({ outcome: 'refused', applied: [], error: { code: 'duplicate-dids' } })
        expect({ ...(await snapshot(db)), version: await db.queryOne({ text: 'PRAGMA schema_version' }) }).toEqual(
          before,
        )
        refused += 1
      })
    }
    expect(refused).toBeGreaterThan(30)
    figures.push(`node: ${refused} databases with shared DIDs, all refused, none changed`)
  },
)

/** Gives all accounts one DID; `false` where the schema does not let it, or there are not two. */
async function shareDids(db: Database): Promise<boolean> {
  await db.execute({ text: 'PRAGMA foreign_keys = OFF' })
  try {
    const { changes } = await db.execute({ text: "UPDATE accounts SET did = 'did:web:shared'" })
    return changes > 1
  } catch (error) {
    if (error instanceof DataLayerError) return false
    throw error
  } finally {
    await db.execute({ text: 'PRAGMA foreign_keys = ON' })
  }
}

describe('the comparison', () => {
  const additions = ['tables', 'columns', 'views', 'triggers', 'indexes'] as const
  const legacy: LegacyDatabase = {
    header: [],
    statements: buildLegacyDatabase({ additions, uniqueDids: true }),
    activeDid: null,
    activeDidViews: [],
    earlierActiveIdentity: undefined,
  }

  test.each([
    ['a row is lost', 'DELETE FROM contacts WHERE id = 3'],
    ['a value is changed', "UPDATE settings SET firstName = firstName || ' ' WHERE id = 1"],
    ['text becomes bytes', 'UPDATE temp SET blobB64 = CAST(blobB64 AS BLOB)'],
    ['a row gets another rowid', 'UPDATE logs SET rowid = rowid + 100'],
    ['an id will be given out again', "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'accounts'"],
    ['a trigger of the user is gone', 'DROP TRIGGER settings_audit'],
    ['an index of the user is gone', 'DROP INDEX "accounts by day"'],
    ['a column is gone', 'ALTER TABLE contacts DROP COLUMN notes'],
    ['a view answers something else', 'UPDATE settings SET isRegistered = 0 WHERE isRegistered = 1'],
  ])('notices when %s', async (_, text) => {
    const lossy = defineComponent({ name: 'lossy', patches: [{ name: 'lossy-0001', statements: [text] }] })
    await withLegacyDatabase(nodeDriver({ filename: ':memory:' }), legacy, async (opened) => {
      const before = await snapshot(opened.db)
      const report = await new Migrator(opened, [lossy]).launch()
      expect(report.outcome).toBe('migrated')
      expect(await snapshot(opened.db)).not.toEqual(before)
    })
  })

  test('notices nothing when nothing but our own tables is new', async () => {
    const harmless = defineComponent({
      name: 'harmless',
      patches: [{ name: 'harmless-0001', statements: ['SELECT 1'] }],
    })
    await withLegacyDatabase(nodeDriver({ filename: ':memory:' }), legacy, async (opened) => {
      const before = await snapshot(opened.db)
      expect((await new Migrator(opened, [harmless]).launch()).outcome).toBe('migrated')
      expect(await snapshot(opened.db)).toEqual(before)
    })
  })
})
