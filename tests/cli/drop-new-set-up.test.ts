import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSqlFileHeader } from '../../src/db/migration/sql-file-header.ts'
import { change, jsonOf, readAll, selfsame, sha256, temporaryFolder } from './run-selfsame.ts'

async function shopDatabase(folder: string): Promise<{ file: string; shop: string }> {
  const shop = join(folder, 'shop')
  mkdirSync(shop)
  writeFileSync(join(shop, 'shop-0001.sql'), 'CREATE TABLE orders (id INTEGER PRIMARY KEY);')
  writeFileSync(join(shop, 'shop-0002.sql'), 'CREATE TABLE lines (order_id REFERENCES orders (id));')
  writeFileSync(join(shop, 'drop.sql'), 'CREATE TABLE last_orders AS SELECT * FROM orders;')
  const file = join(folder, 'app.sqlite')
  await selfsame('migrate', file, '--component', shop)
  return { file, shop }
}

describe('drop', () => {
  test('takes a component out, newest patch first, after its own drop.sql and a backup', async () => {
    const { file, shop } = await shopDatabase(temporaryFolder())
    change(file, 'INSERT INTO orders DEFAULT VALUES')
    const run = await selfsame('drop', file, '--component', shop, '--component-name', 'shop', '--yes', '--json')
    expect(run.status).toBe(0)
    expect(jsonOf(run)).toEqual({ dropped: ['shop-0002', 'shop-0001'], backup: expect.stringContaining(file) })
    expect(readAll(file, "SELECT name FROM sqlite_schema WHERE name IN ('orders', 'lines')")).toEqual([])
    expect(readAll(file, 'SELECT id FROM last_orders')).toEqual([{ id: 1 }])
  })

  test('runs the component’s own drop.sql where the call does not name its folder, as the last migration kept it', async () => {
    const { file } = await shopDatabase(temporaryFolder())
    change(file, 'INSERT INTO orders DEFAULT VALUES')
    expect((await selfsame('drop', file, '--component-name', 'shop', '--yes')).status).toBe(0)
    expect(readAll(file, 'SELECT id FROM last_orders')).toEqual([{ id: 1 }])
    expect(readAll(file, "SELECT name FROM sqlite_schema WHERE name = 'orders'")).toEqual([])
  })

  test('is refused where neither the call nor the database has what the component wants run before', async () => {
    const { file, shop } = await shopDatabase(temporaryFolder())
    change(file, 'UPDATE selfsame_ledger SET drop_statements = NULL')
    const run = await selfsame('drop', file, '--component-name', 'shop', '--yes', '--json')
    expect(jsonOf(run)).toMatchObject({
      error: { code: 'unsupported', message: expect.stringContaining('--component') },
    })
    expect(readAll(file, "SELECT name FROM sqlite_schema WHERE name = 'orders'")).toHaveLength(1)
    expect((await selfsame('drop', file, '--component', shop, '--component-name', 'shop', '--yes')).status).toBe(0)
  })

  test('does nothing without --yes', async () => {
    const { file, shop } = await shopDatabase(temporaryFolder())
    const before = sha256(file)
    const run = await selfsame('drop', file, '--component', shop, '--component-name', 'shop')
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('--yes')
    expect(sha256(file)).toBe(before)
  })

  test('is refused for a component that another one requires', async () => {
    const folder = temporaryFolder()
    const { file, shop } = await shopDatabase(folder)
    const till = join(folder, 'till')
    mkdirSync(till)
    writeFileSync(join(till, 'till-0001.sql'), '-- requires: shop-0002\nCREATE TABLE till (id);')
    await selfsame('migrate', file, '--component', shop, '--component', till)
    const run = await selfsame('drop', file, '--component', shop, '--component-name', 'shop', '--yes', '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code: 'missing-requirement' } })
    expect(readAll(file, "SELECT count(*) AS rows FROM selfsame_ledger WHERE component = 'shop'")).toEqual([
      { rows: 2 },
    ])
  })
})

describe('new', () => {
  test('leaves no folder where its name is no component’s', async () => {
    const folder = join(temporaryFolder(), 'My Shop')
    expect((await selfsame('new', folder, 'x')).status).toBe(2)
    expect(existsSync(folder)).toBe(false)
  })

  test('says that there is no patch after 9999, and that a file is no folder', async () => {
    const folder = join(temporaryFolder(), 'shop')
    mkdirSync(folder)
    const last = join(folder, 'shop-9999.sql')
    writeFileSync(last, 'SELECT 1')
    const after = await selfsame('new', folder, 'x')
    expect([after.status, after.stderr]).toEqual([2, expect.stringContaining('no more than 9999 patches')])
    expect(readdirSync(folder)).toEqual(['shop-9999.sql'])
    const file = await selfsame('new', last, 'x')
    expect([file.status, file.stderr]).toEqual([2, expect.stringContaining('is not a folder')])
  })

  test('writes the next numbered file and says where', async () => {
    const folder = join(temporaryFolder(), 'shop')
    const first = jsonOf<{ file: string }>(await selfsame('new', folder, 'orders  have\na price', '--json'))
    expect(first.file).toBe(join(folder, 'shop-0001.sql'))
    expect(readFileSync(first.file, 'utf8')).toContain('-- orders have a price\n')
    writeFileSync(join(folder, 'shop-0007.sql'), 'SELECT 1;')
    const next = jsonOf<{ file: string }>(await selfsame('new', folder, 'more', '--json'))
    expect(next.file).toBe(join(folder, 'shop-0008.sql'))
  })

  test.each(['My Shop', 'my--shop'])('refuses a folder whose name cannot be a component: %s', async (name) => {
    expect((await selfsame('new', join(temporaryFolder(), name), 'x')).status).toBe(2)
  })

  test('writes what the patch is for as prose, whatever it says', async () => {
    const folder = join(temporaryFolder(), 'shop')
    for (const what of ['requires: more-0001', 'conflict: none']) {
      const { file } = jsonOf<{ file: string }>(await selfsame('new', folder, what, '--json'))
      const text = `${readFileSync(file, 'utf8')}SELECT 1;`
      expect(text).toContain(what)
      expect(readSqlFileHeader(file, text)).toEqual({ requires: [] })
    }
  })

  test('goes on from a file whose ending is in capitals, which is loaded too', async () => {
    const folder = join(temporaryFolder(), 'shop')
    mkdirSync(folder)
    writeFileSync(join(folder, 'shop-0001.SQL'), 'CREATE TABLE orders (id INTEGER PRIMARY KEY);')
    const { file } = jsonOf<{ file: string }>(await selfsame('new', folder, 'more', '--json'))
    expect(file).toBe(join(folder, 'shop-0002.sql'))
    writeFileSync(file, 'CREATE TABLE lines (id INTEGER PRIMARY KEY);')
    const run = await selfsame('migrate', join(folder, 'app.sqlite'), '--no-identity', '--component', folder, '--json')
    expect(jsonOf(run)).toMatchObject({ applied: ['shop-0001', 'shop-0002'] })
  })
})

describe('set-up', () => {
  test('waits with a patch that is held, which is none of its business then', async () => {
    const folder = temporaryFolder()
    const [file, module] = [join(folder, 'app.sqlite'), join(folder, 'shop.ts')]
    const setUp = `setUp: [{ name: 'x', action: 'create', statements: () => ['CREATE TABLE x (y)'] }]`
    writeFileSync(
      module,
      `export default { name: 'shop', patches: [
        { name: 'shop-0001', statements: ['CREATE TABLE orders (x)'], ${setUp} },
        { name: 'shop-0002', requires: ['gone-0001'], statements: ['CREATE TABLE lines (x)'] },
      ] }`,
    )
    const call = [file, '--no-identity', '--component', module, '--hold', 'shop-0002', '--json']
    expect(jsonOf(await selfsame('migrate', ...call))).toMatchObject({ outcome: 'migrated' })
    expect(jsonOf(await selfsame('set-up', ...call))).toMatchObject({ finished: ['shop-0001/x'] })
  })

  test('runs what patches left for later, once, with arguments', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'app.sqlite')
    const module = join(folder, 'exchange.ts')
    writeFileSync(
      module,
      `export default { name: 'exchange', patches: [{
        name: 'exchange-0001',
        statements: ['CREATE TABLE coins (id INTEGER PRIMARY KEY)'],
        setUp: [{
          name: 'deposits', action: 'create',
          statements: ({ partitions }: { partitions: number }) =>
            Array.from({ length: partitions }, (_, index) => 'CREATE TABLE deposits_' + index + ' (id INTEGER PRIMARY KEY)'),
        }],
      }] }`,
    )
    await selfsame('migrate', file, '--no-identity', '--component', module)
    const call = ['set-up', file, '--no-identity', '--component', module, '--argument', 'partitions=3', '--json']
    expect(jsonOf(await selfsame(...call))).toEqual({
      finished: ['exchange-0001/deposits'],
      waiting: [],
      backup: expect.stringContaining(file),
    })
    expect(readAll(file, "SELECT name FROM sqlite_schema WHERE name GLOB 'deposits_*'")).toHaveLength(3)
    expect(jsonOf(await selfsame(...call))).toEqual({ finished: [], waiting: [], backup: null })
  })

  test('refuses an argument that is not NAME=VALUE', async () => {
    const { file } = await shopDatabase(temporaryFolder())
    expect((await selfsame('set-up', file, '--argument', 'partitions')).status).toBe(2)
  })
})
