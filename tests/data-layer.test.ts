import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createDataLayer, type DataLayer, type DataLayerOptions } from '../src/data-layer.ts'
import { nodeDriver } from '../src/db/drivers/node/index.ts'
import { defineComponent } from '../src/db/migration/define-component.ts'
import type { LaunchEvent } from '../src/db/migration/launch-report.ts'
import { sql } from '../src/db/sql.ts'
import { identityComponent } from '../src/identity/component.ts'
import {
  ada,
  bob,
  countingDriver,
  launchDataLayer,
  legacyTables,
  openDataLayer,
  scratchFolder,
} from './services/open-data-layer.ts'

const active = `${legacyTables} INSERT INTO settings (id, activeDid, firstName) VALUES (1, '${ada}', 'Master');`

const everyCall: [string, (dataLayer: DataLayer) => Promise<unknown>][] = [
  ['db.query', ({ db }) => db.query(sql`SELECT 1`)],
  ['db.queryOne', ({ db }) => db.queryOne(sql`SELECT 1`)],
  ['db.execute', ({ db }) => db.execute(sql`UPDATE settings SET firstName = 'x'`)],
  ['db.batch', ({ db }) => db.batch([sql`SELECT 1`])],
  ['db.transaction', ({ db }) => db.transaction((tx) => tx.query(sql`SELECT 1`))],
  ['db.verify', ({ db }) => db.verify()],
  ['accounts.list', ({ accounts }) => accounts.list()],
  ['accounts.add', ({ accounts }) => accounts.add({ did: 'did:x:y', publicKeyHex: '1' })],
  ['accounts.remove', ({ accounts }) => accounts.remove(ada)],
  ['settings.get', ({ settings }) => settings.get()],
  ['settings.forAccount', ({ settings }) => settings.forAccount()],
  ['settings.save', ({ settings }) => settings.save({ firstName: 'x' })],
  ['settings.saveForAccount', ({ settings }) => settings.saveForAccount(ada, { firstName: 'x' })],
  ['identity.get', ({ identity }) => identity.get()],
  ['identity.activate', ({ identity }) => identity.activate(ada)],
  ['identity.clear', ({ identity }) => identity.clear()],
  ['backup.create', ({ backup }) => backup.create()],
  ['backup.list', ({ backup }) => backup.list()],
  ['backup.export', ({ backup }) => backup.export()],
  ['$accountSettings', ({ platform }) => platform.$accountSettings(undefined, { firstName: 'default' })],
  ['$settings', ({ platform }) => platform.$settings({ firstName: 'default' })],
  ['$getSettings', ({ platform }) => platform.$getSettings('1', { firstName: 'default' })],
  ['$getMergedSettings', ({ platform }) => platform.$getMergedSettings('1', ada, { firstName: 'default' })],
  ['$saveSettings', ({ platform }) => platform.$saveSettings({ firstName: 'x' })],
  ['$saveSettings({})', ({ platform }) => platform.$saveSettings({})],
  ['$saveUserSettings', ({ platform }) => platform.$saveUserSettings(ada, { firstName: 'x' })],
  ['$saveMySettings', ({ platform }) => platform.$saveMySettings({ firstName: 'x' })],
  ['$updateActiveDid', ({ platform }) => platform.$updateActiveDid(ada)],
  ['$getActiveIdentity', ({ platform }) => platform.$getActiveIdentity()],
  ['$dbQuery', ({ platform }) => platform.$dbQuery('SELECT 1')],
  ['$dbExec', ({ platform }) => platform.$dbExec("UPDATE settings SET firstName = 'x'")],
  ['$dbGetOneRow', ({ platform }) => platform.$dbGetOneRow('SELECT 1')],
]

describe('the launch', () => {
  it('goes from idle to ready by opening and migrating, and reports what it did', async () => {
    const { dataLayer } = openDataLayer(active)
    const seen: string[] = [dataLayer.status]
    const events: LaunchEvent[] = []
    dataLayer.onStatusChange((status) => seen.push(status))
    expect(dataLayer.report).toBeNull()
    const report = await dataLayer.launch({ onProgress: (event) => events.push(event) })
    expect(report).toMatchObject({ outcome: 'migrated', applied: expect.arrayContaining(['identity-0004']) })
    expect(dataLayer.report).toBe(report)
    expect(events.at(-1)).toMatchObject({ type: 'finished', outcome: 'migrated' })
    expect(events.some(({ type }) => type === 'patch')).toBe(true)
    await dataLayer.close()
    expect([...seen]).toEqual(['idle', 'opening', 'migrating', 'ready', 'closed'])
  })

  it('runs once, whoever calls it, and gives everybody the same report and events', async () => {
    const { dataLayer } = openDataLayer(active)
    const late: string[] = []
    const first = dataLayer.launch()
    const second = dataLayer.launch({ onProgress: ({ type }) => late.push(type) })
    expect(await first).toBe(await second)
    expect(await dataLayer.launch()).toBe(await first)
    expect(late).toContain('finished')
  })

  it.each(everyCall)('is started and waited for by %s', async (_name, call) => {
    const { dataLayer } = openDataLayer(active)
    await call(dataLayer)
    expect(dataLayer.status).toBe('ready')
  })

  it('lets a transaction and other calls wait for it together, however long it takes', async () => {
    vi.useFakeTimers()
    try {
      const slow = nodeDriver({ filename: ':memory:' })
      const dataLayer = createDataLayer({
        driver: {
          ...slow,
          open: async () => {
            await new Promise((resolve) => setTimeout(resolve, 60_000))
            return slow.open()
          },
        },
      })
      const inTransaction = dataLayer.db.transaction((tx) => tx.query(sql`SELECT 1 AS one`))
      await vi.advanceTimersByTimeAsync(10)
      const settings = dataLayer.settings.get()
      await vi.advanceTimersByTimeAsync(61_000)
      expect(await inTransaction).toEqual([{ one: 1 }])
      expect(await settings).toEqual({})
      await dataLayer.close()
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not let a listener or a logger that throws break it', async () => {
    const thrown: unknown[] = []
    const collect = (error: unknown) => thrown.push(error)
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', collect)
    try {
      const fail = () => {
        throw new Error('the app’s own fault')
      }
      const { dataLayer } = openDataLayer(active, { logger: { debug: fail, info: fail, warn: fail, error: fail } })
      const stop = dataLayer.onStatusChange(fail)
      const report = await dataLayer.launch({ onProgress: fail })
      stop()
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(report.outcome).toBe('migrated')
      expect(thrown.length).toBeGreaterThan(3)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })

  it('can be called off, and the database is as it was', async () => {
    const { dataLayer, rawRows } = openDataLayer(active)
    const report = await dataLayer.launch({ signal: AbortSignal.abort() })
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'patch-failed', details: { cancelled: true } } })
    expect(rawRows("SELECT name FROM sqlite_schema WHERE name = 'active_identity'")).toEqual([])
  })
})

describe('a launch that does not succeed', () => {
  function refused(): DataLayer {
    return openDataLayer(`${legacyTables}
      INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024-01-03', '${ada}', '03');`).dataLayer
  }

  it.each(everyCall)('makes %s reject with the launch’s own error', async (_name, call) => {
    const dataLayer = refused()
    const error = await call(dataLayer).catch((caught: unknown) => caught)
    expect(error).toBe(dataLayer.report?.error)
    expect(error).toMatchObject({ code: 'duplicate-dids' })
    expect(dataLayer.report?.outcome).toBe('refused')
    expect(dataLayer.status).toBe('failed')
  })

  it('closes its connection, and the next one migrates once the fault is mended', async () => {
    const { dataLayer, raw, driver } = openDataLayer(`${legacyTables}
      INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024-01-03', '${ada}', '03');`)
    expect((await dataLayer.launch()).outcome).toBe('refused')
    expect(driver.connections).toBe(0)
    raw('DELETE FROM accounts WHERE id = 3')
    const again = createDataLayer({ driver })
    expect((await again.launch()).outcome).toBe('migrated')
    await again.close()
  })

  it.each([
    ['not-a-database', 'refused'],
    ['storage-unavailable', 'failed'],
  ])('never rejects: %s when opening is outcome «%s»', async (code, outcome) => {
    const folder = scratchFolder()
    const file = join(folder, 'file')
    writeFileSync(file, 'this is not a database, and long enough for SQLite to notice it in the header of the file')
    const filename = code === 'not-a-database' ? file : join(file, 'below-a-file.sqlite')
    const dataLayer = createDataLayer({ driver: nodeDriver({ filename }) })
    expect(await dataLayer.launch()).toMatchObject({ outcome, error: { code }, applied: [], backup: null })
    await expect(dataLayer.settings.get()).rejects.toMatchObject({ code })
    await dataLayer.close()
    expect(dataLayer.status).toBe('closed')
  })

  it('gives a driver’s uncoded fault a code, its text made fit to be shown', async () => {
    const driver = {
      ...nodeDriver({ filename: ':memory:' }),
      open: () => Promise.reject(new Error(`no disk for ${ada}`)),
    }
    const dataLayer = createDataLayer({ driver })
    const { error } = await dataLayer.launch()
    expect(error?.code).toBe('storage-unavailable')
    expect(error?.message).not.toContain(ada)
  })

  it('reports components that contradict each other instead of rejecting', async () => {
    const patches = [{ name: 'shop-0001', requires: ['nowhere-0001'], statements: ['CREATE TABLE shop (id)'] }]
    const dataLayer = createDataLayer({
      driver: nodeDriver({ filename: ':memory:' }),
      components: [{ name: 'shop', patches }],
    })
    expect((await dataLayer.launch()).outcome).toMatch(/refused|failed/)
  })
})

describe('a fault after the launch', () => {
  it.each(everyCall.filter(([name]) => name.startsWith('$')))(
    '%s throws it, and gives no defaults',
    async (_name, call) => {
      const { dataLayer, driver } = await launchDataLayer(active)
      driver.fault = new Error('broken')
      await expect(call(dataLayer)).rejects.toBe(driver.fault)
    },
  )

  it.each(
    everyCall.filter(
      ([name]) => name.startsWith('$') && !['$dbQuery', '$dbGetOneRow', '$saveSettings({})'].includes(name),
    ),
  )('%s says that the table is gone', async (_name, call) => {
    const { dataLayer, raw } = await launchDataLayer(active)
    raw('PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS x; DROP TABLE settings; DROP TABLE active_identity;')
    await expect(call(dataLayer)).rejects.toMatchObject({ name: 'DataLayerError', code: 'sqlite' })
  })
})

describe('close', () => {
  it.each(everyCall.filter(([name]) => !name.startsWith('backup')))(
    'makes %s reject with closed',
    async (_name, call) => {
      const { dataLayer } = await launchDataLayer(active)
      await dataLayer.close()
      await expect(call(dataLayer)).rejects.toMatchObject({ code: 'closed' })
    },
  )

  it('lets what was asked before it finish', async () => {
    const { dataLayer, driver } = openDataLayer(active)
    const settings = dataLayer.settings.get()
    const saved = dataLayer.settings.save({ firstName: 'Last' })
    await dataLayer.close()
    expect(driver.connections).toBe(0)
    expect(await settings).toMatchObject({ firstName: 'Master' })
    expect(await saved).toBe(true)
    expect(dataLayer.status).toBe('closed')
  })

  it('during a launch lets it finish, and leaves no rejection behind', async () => {
    const { dataLayer, driver } = openDataLayer(active)
    const launched = dataLayer.launch()
    await dataLayer.close()
    expect((await launched).outcome).toBe('migrated')
    expect([dataLayer.status, driver.connections]).toEqual(['closed', 0])
    await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('twice, and before anything was opened, is no fault', async () => {
    const { dataLayer, driver } = openDataLayer(active)
    await dataLayer.close()
    await dataLayer.close()
    expect(await dataLayer.launch()).toMatchObject({ outcome: 'failed', error: { code: 'closed' } })
    expect(driver.calls).toEqual([])
  })
})

describe('the migrations of a data layer', () => {
  it('can be planned and looked at before the launch, which changes nothing', async () => {
    const { dataLayer, driver, rawRows } = openDataLayer(active)
    const before = rawRows('SELECT * FROM sqlite_schema')
    const { steps, problems } = await dataLayer.migrations.plan()
    expect(problems).toEqual([])
    expect(steps.map(({ patch }) => patch)).toContain('identity-0004')
    expect((await dataLayer.migrations.status())[0]?.pending).toContain('identity-0004')
    expect(dataLayer.status).toBe('idle')
    expect(driver.connections).toBe(0)
    expect(rawRows('SELECT * FROM sqlite_schema')).toEqual(before)
    expect((await dataLayer.launch()).outcome).toBe('migrated')
    expect((await dataLayer.migrations.status())[0]?.pending).toEqual([])
  })

  it('can be planned after a launch that was refused, to show what stands in the way', async () => {
    const { dataLayer, raw } = openDataLayer(`${legacyTables}
      INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024-01-03', '${ada}', '03');`)
    expect((await dataLayer.launch()).outcome).toBe('refused')
    expect((await dataLayer.migrations.plan()).problems).toMatchObject([{ code: 'duplicate-dids' }])
    await expect(dataLayer.migrations.rollback()).rejects.toMatchObject({ code: 'duplicate-dids' })
    raw('DELETE FROM accounts WHERE id = 3')
    expect((await dataLayer.migrations.plan()).problems).toEqual([])
    await dataLayer.close()
    await expect(dataLayer.migrations.plan()).rejects.toMatchObject({ code: 'closed' })
  })

  it('tell what was repaired and set aside, before the launch, after it and in between', async () => {
    const orphaned = "INSERT INTO settings (id, activeDid) VALUES (1, 'did:ethr:0xgone');"
    const { dataLayer } = openDataLayer(`${legacyTables} ${orphaned}`)
    expect(await dataLayer.migrations.repairs()).toEqual([])
    expect((await dataLayer.launch()).outcome).toBe('repaired')
    expect(await dataLayer.migrations.repairs()).toContainEqual({
      at: expect.stringMatching(/Z$/),
      component: 'identity',
      patch: 'identity-0004',
      kind: 'orphan',
      table: 'settings',
      column: 'activeDid',
      row: expect.any(String),
      value: 'did:ethr:0xgone',
      shown: true,
      givenBackAt: null,
    })
  })

  it('can be rolled back to the legacy schema, with the current active DID, after which the data layer is closed', async () => {
    const { dataLayer, rawRows } = await launchDataLayer(active)
    await dataLayer.identity.activate(bob)
    const { reverted } = await dataLayer.migrations.rollback()
    expect(reverted).toContain('identity-0004')
    expect(dataLayer.status).toBe('closed')
    expect(rawRows('SELECT activeDid FROM settings WHERE id = 1')).toEqual([{ activeDid: bob }])
  })
})

describe('deferred set-up and drop', () => {
  const shards = defineComponent({
    name: 'shards',
    patches: [
      {
        name: 'shards-0001',
        requires: ['identity-0001'],
        statements: ['CREATE TABLE shard_names (id INTEGER PRIMARY KEY)'],
        setUp: [
          {
            name: 'shards',
            action: 'create',
            partitioned: true,
            statements: (_args, part) => (part === null ? [] : [`CREATE TABLE shard_${part} (x)`]),
          },
        ],
      },
    ],
  })
  const tables = "SELECT name FROM sqlite_schema WHERE name GLOB 'shard_*' ORDER BY 1"

  it('launch first, are seen by the data layer, and go with their component, after which it is closed', async () => {
    const { dataLayer, rawRows } = openDataLayer(active, { components: [identityComponent(), shards] })
    const { finished } = await dataLayer.migrations.setUp({ partitions: 2 })
    expect(finished).toEqual(['shards-0001/shards'])
    expect(dataLayer.status).toBe('ready')
    await dataLayer.db.execute(sql`INSERT INTO shard_2 VALUES (1)`)
    expect((await dataLayer.migrations.drop('shards')).dropped).toEqual(['shards-0001'])
    expect(dataLayer.status).toBe('closed')
    expect(rawRows(tables)).toEqual([])
  })

  it('are refused with the launch’s error, and leave the data layer open where they fail', async () => {
    const { dataLayer } = openDataLayer(active, { components: [identityComponent(), shards] })
    await expect(dataLayer.migrations.drop('identity')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(dataLayer.migrations.setUp({ partitions: -1 })).rejects.toMatchObject({ code: 'invalid-value' })
    expect(dataLayer.status).toBe('ready')
    const refused = openDataLayer(`${legacyTables}
      INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024-01-03', '${ada}', '03');`)
    await expect(refused.dataLayer.migrations.setUp({})).rejects.toMatchObject({ code: 'duplicate-dids' })
  })
})

describe('createDataLayer', () => {
  it.each([{}, { driver: null }, { driver: 'node' }])('needs a driver: %j', (options) => {
    expect(() => createDataLayer(options as unknown as DataLayerOptions)).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    )
  })

  it('serves an app’s own tables without the identity component', async () => {
    const shop = {
      name: 'shop',
      patches: [{ name: 'shop-0001', statements: ['CREATE TABLE shop_orders (item TEXT)'] }],
    }
    const dataLayer = createDataLayer({ driver: nodeDriver({ filename: ':memory:' }), components: [shop] })
    expect((await dataLayer.launch()).applied).toEqual(['shop-0001'])
    await dataLayer.db.execute(sql`INSERT INTO shop_orders VALUES ('tea')`)
    expect(await dataLayer.db.query(sql`SELECT * FROM shop_orders`)).toEqual([{ item: 'tea' }])
    await dataLayer.close()
  })

  it('survives being put into reactive state: its private fields stay reachable', async () => {
    const { reactive } = await import('vue')
    const { dataLayer } = openDataLayer(active)
    const { platform, db, accounts, settings, identity, backup } = dataLayer
    const state = reactive({ dataLayer, platform, db, accounts, settings, identity, backup })
    expect(await state.platform.$settings()).toMatchObject({ activeDid: ada })
    expect(await state.db.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
    expect((await state.dataLayer.identity.get()).activeDid).toBe(ada)
    expect((await state.identity.get()).activeDid).toBe(ada)
    expect(await state.accounts.list()).toHaveLength(2)
    expect(await state.settings.get()).toMatchObject({ activeDid: ada })
    expect((await state.backup.export()).length).toBeGreaterThan(0)
  })

  it('counts the same through a driver that only forwards', () => {
    expect(countingDriver(nodeDriver({ filename: ':memory:' })).name).toBe('node')
  })
})
