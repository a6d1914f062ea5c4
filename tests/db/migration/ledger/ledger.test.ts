import { afterEach, describe, expect, test } from 'vitest'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { currentPlatform } from '../../../../src/db/migration/ledger/platform.ts'
import { fingerprint } from '../../../../src/db/migration/schema/fingerprint.ts'
import { verifyDatabase } from '../../../../src/db/verify.ts'
import { customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

const revert = ['DROP TABLE shop_customers']
const one = [shop([[orders]])]
const two = [shop([[orders], { statements: [customers], revert }])]
const recorded = () => opened.value('SELECT schema_fingerprint FROM selfsame_ledger ORDER BY position DESC LIMIT 1')

describe.each(engines)('The ledger on %s', (engine) => {
  test('says by which app, platform, engine and SQLite a patch was applied', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(one, { appVersion: '4.2.0' })
    const by = JSON.parse(String(await opened.value('SELECT applied_by FROM selfsame_ledger'))) as object
    expect(by).toEqual({
      app: '4.2.0',
      platform: process.platform,
      engine,
      sqlite: await opened.value('SELECT sqlite_version()'),
    })
  })

  test('keeps the schema’s fingerprint as a launch, a rollback and a drop leave it, and verify holds it against the schema', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(two)
    expect(await recorded()).toBe(await fingerprint(opened.db))
    await opened.rollback(two, 'shop-0001')
    expect(await recorded()).toBe(await fingerprint(opened.db))
    await opened.run('CREATE TABLE by_hand (x)')
    const { fingerprint: now, recordedFingerprint } = await verifyDatabase(opened.db)
    expect(recordedFingerprint).toBe(await recorded())
    expect(now).not.toBe(recordedFingerprint)
    await opened.migrate(two)
    expect(await recorded()).toBe(await fingerprint(opened.db))
  })

  test('of an earlier version is brought up to date by the next launch that writes, its rows kept', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(one)
    await asWrittenBefore()
    const before = await opened.rows('SELECT * FROM selfsame_ledger')
    expect((await opened.launch(one)).outcome).toBe('current')
    expect(await opened.rows('SELECT * FROM selfsame_ledger')).toEqual(before)
    expect((await verifyDatabase(opened.db)).recordedFingerprint).toBeNull()
    expect(await opened.migrate(two)).toMatchObject({ applied: ['shop-0002'] })
    expect(await opened.rows('SELECT * FROM selfsame_ledger')).toEqual([
      { ...before[0], schema_fingerprint: null, drop_statements: null },
      expect.objectContaining({ name: 'shop-0002', schema_fingerprint: await fingerprint(opened.db) }),
    ])
  })

  test('of an earlier version is left as it was where the launch that brings it up to date fails', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(one)
    await asWrittenBefore()
    const schema = await opened.rows("SELECT sql FROM sqlite_schema WHERE name GLOB 'selfsame_*'")
    expect((await opened.launch([shop([[orders], ['SELECT no_such_thing']])])).outcome).toBe('failed')
    expect(await opened.rows("SELECT sql FROM sqlite_schema WHERE name GLOB 'selfsame_*'")).toEqual(schema)
  })

  test('takes the writes of an older app that knows nothing of its later columns', async () => {
    opened = await openDatabase(engine)
    await opened.migrate(one)
    await opened.run(
      `INSERT INTO selfsame_ledger (component, sequence, name, checksum, source, requires, conflicts, min_reader, applied_at, applied_by, duration_ms, outcome, objects)
       VALUES ('old', 1, 'old-0001', '', '', '[]', '[]', NULL, '2026-01-01T00:00:00.000Z', '{}', 0, 'applied', '[]')`,
      "INSERT INTO selfsame_set_up (component, patch, name, action) VALUES ('old', 'old-0001', 'parts', 'create')",
    )
    const [status] = await new Migrator(opened, two).status()
    expect(status).toMatchObject({ applied: [{ name: 'shop-0001' }], pending: ['shop-0002'] })
  })
})

/** Takes away what our tables got since the first release. */
async function asWrittenBefore(): Promise<void> {
  await opened.run(
    'ALTER TABLE selfsame_ledger DROP COLUMN schema_fingerprint',
    'ALTER TABLE selfsame_ledger DROP COLUMN drop_statements',
    'ALTER TABLE selfsame_set_up DROP COLUMN objects',
  )
}

test('The platform is what the app runs on, not what its engine is called', () => {
  expect(currentPlatform()).toBe(process.platform)
  expect(currentPlatform({ navigator: { userAgent: 'Mozilla/5.0 Chrome/140' } })).toBe('web')
  expect(currentPlatform({ navigator: { userAgent: 'Mozilla/5.0 Chrome/140 Electron/39.0' } })).toBe('electron')
  expect(currentPlatform({ process: { platform: 'linux', versions: { electron: '39' } } })).toBe('electron')
  expect(currentPlatform({ Capacitor: { getPlatform: () => 'ios' }, navigator: { userAgent: '' } })).toBe('ios')
  expect(currentPlatform({ Capacitor: { getPlatform: () => 'web' }, navigator: { userAgent: '' } })).toBe('web')
})
