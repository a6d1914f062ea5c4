import { describe, expect, it } from 'vitest'
import { Database } from '../../../src/db/database.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { fingerprint } from '../../../src/db/migration/schema/fingerprint.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { sql } from '../../../src/db/sql.ts'
import { identityComponent } from '../../../src/identity/component.ts'
import { buildLegacyDatabase } from '../../../src/testing/legacy/index.ts'

const shop = defineComponent({
  name: 'shop',
  patches: [
    {
      name: 'shop-0001',
      statements: ['CREATE TABLE orders (id INTEGER PRIMARY KEY)', 'CREATE INDEX orders_id ON orders (id)'],
    },
    { name: 'shop-0002', statements: ['CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id REFERENCES orders (id))'] },
  ],
  repeatables: ['CREATE VIEW order_ids AS SELECT id FROM orders'],
})
const till = defineComponent({
  name: 'till',
  patches: [{ name: 'till-0001', requires: ['shop-0002'], statements: ['CREATE TABLE till (id INTEGER PRIMARY KEY)'] }],
})

const till0 = defineComponent({
  name: 'till',
  patches: [{ name: 'till-0001', statements: ['CREATE TABLE till (id INTEGER PRIMARY KEY)'] }],
})

async function open(components = [shop]) {
  const driver = nodeDriver({ filename: ':memory:' })
  const connection = await driver.open()
  return {
    migrator: new Migrator({ driver, connection }, components),
    db: new Database(connection),
    driver,
    connection,
  }
}

describe('drop', () => {
  it('takes out every object and ledger row of the component, newest patch first', async () => {
    const { migrator, db } = await open()
    const before = await fingerprint(db)
    await migrator.launch()
    await db.execute(sql`INSERT INTO orders DEFAULT VALUES`)
    expect((await migrator.drop('shop')).dropped).toEqual(['shop-0002', 'shop-0001'])
    expect(await fingerprint(db)).toBe(before)
    expect(await db.query(sql`SELECT * FROM selfsame_ledger`)).toEqual([])
  })

  it('leaves a database that can be migrated again', async () => {
    const { migrator } = await open()
    await migrator.launch()
    await migrator.drop('shop')
    expect(await migrator.launch()).toMatchObject({ outcome: 'migrated', applied: ['shop-0001', 'shop-0002'] })
  })

  it('is refused while another component requires it, which stays whole', async () => {
    const { migrator, db } = await open([shop, till])
    await migrator.launch()
    await expect(migrator.drop('shop')).rejects.toMatchObject({
      code: 'missing-requirement',
      details: { requiredBy: [{ patch: 'till-0001', missing: ['shop-0002'] }] },
    })
    expect(await db.query(sql`SELECT name FROM selfsame_ledger`)).toHaveLength(3)
    await migrator.drop('till')
    expect((await migrator.drop('shop')).dropped).toHaveLength(2)
  })

  it('runs the component’s own statements first, and undoes them when it is refused later', async () => {
    const withDrop = { ...shop, drop: ['CREATE TABLE farewell AS SELECT * FROM orders'] }
    const { migrator, db } = await open([withDrop])
    await migrator.launch()
    await db.execute(sql`CREATE VIEW mine AS SELECT * FROM lines`)
    await expect(migrator.drop('shop')).rejects.toMatchObject({ code: 'patch-failed' })
    expect(await db.queryOne(sql`SELECT 1 FROM sqlite_schema WHERE name = 'farewell'`)).toBeUndefined()
    await db.execute(sql`DROP VIEW mine`)
    await migrator.drop('shop')
    expect(await db.queryOne(sql`SELECT 1 AS kept FROM sqlite_schema WHERE name = 'farewell'`)).toEqual({ kept: 1 })
  })

  it('is refused when rows elsewhere refer to its tables', async () => {
    const { migrator, db } = await open()
    await migrator.launch()
    await db.execute(sql`INSERT INTO orders (id) VALUES (7)`)
    await db.execute(sql`CREATE TABLE mine (order_id REFERENCES orders (id))`)
    await db.execute(sql`INSERT INTO mine VALUES (7)`)
    await expect(migrator.drop('shop')).rejects.toMatchObject({ code: 'foreign-key-violation' })
    expect(await db.queryOne(sql`SELECT id FROM orders`)).toEqual({ id: 7 })
  })

  it('never drops tables that it found', async () => {
    const { migrator, db } = await open([identityComponent()])
    await db.batch(buildLegacyDatabase({ accounts: 1, state: 'valid' }))
    await migrator.launch()
    await expect(migrator.drop('identity')).rejects.toMatchObject({ code: 'unsupported' })
    expect(await db.query(sql`SELECT did FROM accounts`)).toHaveLength(1)
  })

  it.each([undefined, 'shop-0002'])('is refused to an app older than the patches, min-reader %s', async (minReader) => {
    const third = { name: 'shop-0003', statements: ['CREATE TABLE notes (x)'], ...(minReader ? { minReader } : {}) }
    const newer = defineComponent({ ...shop, patches: [...shop.patches, third], drop: ['CREATE TABLE farewell (x)'] })
    const { migrator, connection, driver, db } = await open([newer])
    await migrator.launch()
    const older = new Migrator({ driver, connection }, [shop])
    const before = await fingerprint(db)
    const error = { code: 'schema-too-new', details: { patches: ['shop-0003'] } }
    await expect(older.drop('shop')).rejects.toMatchObject(error)
    expect(await fingerprint(db)).toBe(before)
    expect((await migrator.drop('shop')).dropped).toHaveLength(3)
  })

  it('runs the newer app’s own statements although an older one that it lets in has migrated since', async () => {
    const third = { name: 'shop-0003', statements: ['CREATE TABLE notes (x)'], minReader: 'shop-0002' }
    const newer = defineComponent({ ...shop, patches: [...shop.patches, third], drop: ['CREATE TABLE farewell (x)'] })
    const { migrator, connection, driver, db } = await open([newer])
    await migrator.launch()
    expect((await new Migrator({ driver, connection }, [shop, till]).launch()).outcome).toBe('migrated')
    await new Migrator({ driver, connection }, []).drop('till')
    await new Migrator({ driver, connection }, []).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name = 'farewell'`)).toHaveLength(1)
  })

  it.each(['mine', 'of a component'])(
    'is refused where a trigger (%s) on its table would go with it',
    async (whose) => {
      const text = 'CREATE TRIGGER watch AFTER INSERT ON orders BEGIN SELECT 1; END'
      const watching = defineComponent({ name: 'watching', patches: [], repeatables: [text] })
      const { migrator, db } = await open(whose === 'mine' ? [shop] : [shop, watching])
      await migrator.launch()
      if (whose === 'mine') await db.execute({ text })
      const error = { code: 'patch-failed', details: { trigger: 'watch', table: 'orders' } }
      await expect(migrator.drop('shop')).rejects.toMatchObject(error)
      expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name IN ('watch', 'orders')`)).toHaveLength(2)
    },
  )

  it('takes the component’s own triggers and an index of the user’s along with its tables', async () => {
    const trigger = 'CREATE TRIGGER watch AFTER INSERT ON orders BEGIN SELECT 1; END'
    const { migrator, db } = await open([{ ...shop, repeatables: [trigger] }])
    const before = await fingerprint(db)
    await migrator.launch()
    await db.execute(sql`CREATE INDEX mine ON orders (id)`)
    await migrator.drop('shop')
    expect(await fingerprint(db)).toBe(before)
  })

  it('takes out a component of views alone', async () => {
    const views = defineComponent({ name: 'views', patches: [], repeatables: ['CREATE VIEW one AS SELECT 1'] })
    const { migrator, db } = await open([views])
    const before = await fingerprint(db)
    await migrator.launch()
    expect((await migrator.drop('views')).dropped).toEqual([])
    expect(await fingerprint(db)).toBe(before)
  })

  it('runs the statements that were kept, also after a rollback of the newest patch', async () => {
    const second = { ...shop.patches[1]!, revert: ['DROP TABLE lines'] }
    const patches = [shop.patches[0]!, second]
    const { migrator, connection, driver, db } = await open([{ ...shop, patches, drop: ['CREATE TABLE farewell (x)'] }])
    await migrator.launch()
    await migrator.rollback({ to: 'shop-0001' })
    await new Migrator({ driver, connection }, []).drop('shop')
    expect(await db.query(sql`SELECT name FROM sqlite_schema WHERE name = 'farewell'`)).toHaveLength(1)
  })

  it('keeps what its own statements leave under a table’s name', async () => {
    const archive = ['ALTER TABLE orders RENAME TO a', 'CREATE TABLE orders AS SELECT * FROM a', 'DROP TABLE a']
    const { migrator, db } = await open([{ ...shop, repeatables: [], drop: ['DROP TABLE lines', ...archive] }])
    await migrator.launch()
    await db.execute(sql`INSERT INTO orders (id) VALUES (7)`)
    const { warnings } = await migrator.drop('shop')
    expect(warnings).toEqual([expect.stringContaining('orders is still there')])
    expect(await db.query(sql`SELECT id FROM orders`)).toEqual([{ id: 7 }])
  })

  it('names a table that it leaves, since it may be somebody else’s', async () => {
    const patch = { name: 'shop-0001', statements: ['DROP TABLE old', 'CREATE TABLE IF NOT EXISTS main."Orders" (id)'] }
    const { migrator, db } = await open([defineComponent({ name: 'shop', patches: [patch] }), till0])
    await db.execute(sql`CREATE TABLE old (x)`)
    await migrator.launch()
    expect((await migrator.drop('shop')).warnings).toEqual([expect.stringMatching(/^Orders is still there/)])
    expect(await migrator.drop('till')).not.toHaveProperty('warnings')
  })

  it('runs the statements of the newest version, although that version changed nothing else', async () => {
    const { migrator, connection, driver, db } = await open()
    await migrator.launch()
    const changed = new Migrator({ driver, connection }, [
      { ...shop, drop: ['CREATE TABLE farewell AS SELECT * FROM orders'] },
    ])
    await db.execute(sql`INSERT INTO orders (id) VALUES (7)`)
    expect(await changed.launch()).toMatchObject({ outcome: 'migrated', applied: [] })
    expect((await changed.launch()).outcome).toBe('current')
    const otherEnds = { ...shop, drop: ['CREATE TABLE farewell AS\r\n  SELECT * FROM orders -- kept'] }
    expect((await new Migrator({ driver, connection }, [otherEnds]).launch()).outcome).toBe('current')
    await new Migrator({ driver, connection }, []).drop('shop')
    expect(await db.query(sql`SELECT id FROM farewell`)).toEqual([{ id: 7 }])
  })

  it('takes an older app that is let in for current, whatever it would run', async () => {
    const third = { name: 'shop-0003', statements: ['CREATE TABLE notes (x)'], minReader: 'shop-0002' }
    const newer = defineComponent({ ...shop, patches: [...shop.patches, third], drop: ['CREATE TABLE farewell (x)'] })
    const { migrator, connection, driver } = await open([newer])
    await migrator.launch()
    expect((await new Migrator({ driver, connection }, [shop]).launch()).outcome).toBe('current')
  })

  it('is refused where an applied patch was changed', async () => {
    const { migrator, connection, driver } = await open()
    await migrator.launch()
    const changed = { name: 'shop-0001', statements: ['CREATE TABLE orders (id)'] }
    const other = new Migrator({ driver, connection }, [{ ...shop, patches: [changed, ...shop.patches.slice(1)] }])
    await expect(other.drop('shop')).rejects.toMatchObject({ code: 'schema-drift' })
  })

  it('says that a component which is not there is not there', async () => {
    const { migrator } = await open()
    await expect(migrator.drop('shop')).rejects.toMatchObject({ code: 'unsupported' })
  })
})
