import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jsonOf, legacyFile, readAll, selfsame, sha256, temporaryFolder } from './run-selfsame.ts'

function shopFolder(folder: string): string {
  const shop = join(folder, 'shop')
  mkdirSync(shop)
  writeFileSync(join(shop, 'shop-0001.sql'), 'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL);\n')
  writeFileSync(
    join(shop, 'shop-0002.sql'),
    "-- requires: identity-0004\nALTER TABLE shop_orders ADD COLUMN did TEXT REFERENCES accounts (did);\nINSERT INTO shop_orders (item) VALUES ('tea; green'), ('pot');\n",
  )
  writeFileSync(join(shop, 'shop-0001.revert.sql'), 'DROP TABLE shop_orders;')
  writeFileSync(join(shop, 'repeatable.sql'), 'CREATE VIEW shop_items AS SELECT item FROM shop_orders;')
  writeFileSync(join(shop, 'README.md'), 'Not part of it.')
  return shop
}

describe('--component', () => {
  test('adds a folder of SQL files to the identity component', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const report = jsonOf<{ applied: string[] }>(
      await selfsame('migrate', file, '--component', shopFolder(folder), '--json'),
    )
    expect(report.applied).toEqual(expect.arrayContaining(['identity-0005', 'shop-0001', 'shop-0002']))
    expect(report.applied.indexOf('shop-0002')).toBeGreaterThan(report.applied.indexOf('identity-0004'))
    expect(readAll(file, 'SELECT * FROM shop_items')).toEqual([{ item: 'tea; green' }, { item: 'pot' }])
  })

  test('adds a module whose default export is a component', async () => {
    const folder = temporaryFolder()
    const module = join(folder, 'notes.ts')
    writeFileSync(
      module,
      `const statements: string[] = ['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)']
       export default { name: 'notes', patches: [{ name: 'notes-0001', statements }] }`,
    )
    const file = join(folder, 'new.sqlite')
    const run = await selfsame('migrate', file, '--component', module, '--component', shopFolder(folder), '--json')
    expect(run.status).toBe(0)
    expect(jsonOf<{ applied: string[] }>(run).applied).toEqual(
      expect.arrayContaining(['notes-0001', 'shop-0002', 'identity-0005']),
    )
  })

  test('leaves the identity component out when told, and the ledger rows of components not named alone', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'shop.sqlite')
    const shop = shopFolder(folder)
    writeFileSync(join(shop, 'shop-0002.sql'), "INSERT INTO shop_orders (item) VALUES ('tea')")
    const run = await selfsame('migrate', file, '--no-identity', '--component', shop, '--json')
    expect(jsonOf(run)).toMatchObject({ outcome: 'migrated', applied: ['shop-0001', 'shop-0002'] })
    expect(readAll(file, "SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'accounts'")).toEqual([
      { tables: 0 },
    ])
    const identity = jsonOf<{ applied: string[] }>(await selfsame('migrate', file, '--json'))
    expect(identity.applied).toHaveLength(5)
    expect(readAll(file, "SELECT name FROM selfsame_ledger WHERE component = 'shop'")).toHaveLength(2)
  })

  test('a patch that fails leaves every byte as it was', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const before = sha256(file)
    const shop = shopFolder(folder)
    writeFileSync(join(shop, 'shop-0003.sql'), 'CREATE TABLE fine (x);\nINSERT INTO no_such_table VALUES (1);')
    const run = await selfsame('migrate', file, '--component', shop, '--no-backup', '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ outcome: 'failed', applied: [], error: { code: 'patch-failed' } })
    expect(readAll(file, "SELECT name FROM sqlite_schema WHERE name GLOB 'selfsame_*' OR name = 'fine'")).toEqual([])
    expect(sha256(file)).toBe(before)
  })

  test('a patch in pieces that fails is shown as begun, with the pieces that stay', async () => {
    const folder = temporaryFolder()
    const module = join(folder, 'notes.mjs')
    writeFileSync(
      module,
      `const next = async (tx, cursor) => { if (cursor === '2') throw new Error('cut off'); return String(Number(cursor) + 1) }
       const statements = ['CREATE TABLE notes (x)', { code: 'counts', next }]
       export default { name: 'notes', patches: [{ name: 'notes-0001', statements }] }`,
    )
    const file = join(folder, 'new.sqlite')
    const wanted = ['--no-identity', '--component', module]
    const run = await selfsame('migrate', file, ...wanted)
    expect(run.status).toBe(1)
    expect(run.stderr).toMatch(/notes-0001 +failed, /)
    expect(run.stderr).toContain(
      'notes-0001 is begun: 3 pieces of it are done and stay; the next launch goes on there.',
    )
    expect((await selfsame('status', file, ...wanted)).stdout).toContain('begun: notes-0001, 3 pieces of it done')
    expect(jsonOf(await selfsame('status', file, ...wanted, '--json'))).toMatchObject({
      components: [{ name: 'notes', pending: ['notes-0001'], begun: [{ name: 'notes-0001', pieces: 3 }] }],
    })
  })

  test.each([
    ['a module that does not load', 'export default {', 'unsupported'],
    ['a module without a component', 'export default 42', 'unsupported'],
    [
      'a component with a misnamed patch',
      "export default { name: 'a', patches: [{ name: 'b-1', statements: [] }] }",
      'unsupported',
    ],
  ])('%s is a coded error', async (_, text, code) => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const before = sha256(file)
    const module = join(folder, 'bad.mjs')
    writeFileSync(module, text)
    const run = await selfsame('migrate', file, '--component', module, '--json')
    expect(run.status).toBe(1)
    expect(jsonOf(run)).toMatchObject({ error: { code } })
    expect(sha256(file)).toBe(before)
  })

  test('a folder without SQL files is wrong usage', async () => {
    const folder = temporaryFolder()
    const file = legacyFile(folder)
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    expect((await selfsame('status', file, '--component', empty)).status).toBe(2)
  })
})
