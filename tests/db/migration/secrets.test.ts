import { afterEach, describe, expect, test } from 'vitest'
import { createDataLayer } from '../../../src/data-layer.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import type { Component, PatchStep } from '../../../src/db/migration/component.ts'
import { orders, shop } from './shop.ts'
import { openDatabase, type TestDatabase } from './test-database.ts'

const mnemonic = 'legal winner thank year wave sausage'
const words = mnemonic.split(' ')

let opened: TestDatabase
afterEach(() => opened?.close())

/** Launches, and gives all that a launch says to anybody: its error, its events, what is logged. */
async function told(components: readonly Component[]): Promise<string> {
  const said: unknown[] = []
  const log = (...entries: unknown[]) => void said.push(...entries)
  const logger = { debug: log, info: log, warn: log, error: log }
  const driver = { ...opened.driver, open: async () => ({ ...opened.connection, close: async () => undefined }) }
  const dataLayer = createDataLayer({ driver, components, logger })
  const report = await dataLayer.launch({ onProgress: log })
  await dataLayer.close()
  expect(report.error).toBeInstanceOf(DataLayerError)
  return [JSON.stringify(report), JSON.stringify(said), report.error?.message, String(report.error?.stack)].join('\n')
}

function wordsIn(text: string): string[] {
  return words.filter((word) => text.includes(word))
}

async function withAccount(): Promise<void> {
  opened = await openDatabase()
  await opened.run('CREATE TABLE vault (id INTEGER PRIMARY KEY, words TEXT)', {
    text: 'INSERT INTO vault (words) VALUES (?)',
    params: [mnemonic],
  })
}

describe('What a launch that fails says holds nothing of what is stored', () => {
  test('where a check found rows: numbers stay, of a text its length', async () => {
    await withAccount()
    const check = { name: 'the vault is empty', rows: 'SELECT id, words, words AS did FROM vault' }
    const text = await told([shop([{ statements: [orders], before: [check] }])])
    expect(wordsIn(text)).toEqual([])
    expect(text).toContain(`(a text of ${mnemonic.length} characters)`)
    expect(text).toContain('"id":1')
  })

  test('where a trigger raises an error that quotes a row', async () => {
    await withAccount()
    await opened.run(`CREATE TRIGGER chatty BEFORE DELETE ON vault BEGIN SELECT RAISE(ABORT, 'not ' || old.words); END`)
    const text = await told([shop([[orders, 'DELETE FROM vault']])])
    expect(wordsIn(text)).toEqual([])
    expect(text).toContain('A trigger refused the statement')
    expect(text).toContain('shop-0001')
  })

  test('where an applied patch with stored content in it was changed', async () => {
    await withAccount()
    const patch = (value: string) => [shop([[orders, `INSERT INTO shop_orders (item) VALUES ('${value}')`]])]
    await opened.migrate(patch(mnemonic))
    const text = await told(patch(`${mnemonic}\nagain`))
    expect(wordsIn(text)).toEqual([])
    expect(text).toContain('- INSERT INTO shop_orders(item) VALUES(?1)')
    expect(text).toContain('+ INSERT INTO shop_orders(item) VALUES(?2)')
  })

  const secret = 'sausagewave'
  const vault = ['CREATE TABLE shop_notes (note TEXT)', `INSERT INTO shop_notes VALUES ('${secret}')`]
  const thrown = (error: unknown) => ({
    code: 'throws',
    run: async () => {
      throw error
    },
  })

  test.each<[string, PatchStep[], string]>([
    [
      'a JSON path from a row',
      ['SELECT json_extract(note, note) FROM shop_notes', "SELECT json_extract('{}', note) FROM shop_notes"],
      'JSON',
    ],
    ['a JSON path that is a literal', [`SELECT json_extract('{}', '${secret}')`], 'bad JSON path'],
    [
      'a full-text query from a row',
      [
        'CREATE VIRTUAL TABLE shop_search USING fts5(body)',
        `SELECT * FROM shop_search WHERE shop_search MATCH (SELECT note || ':x' FROM shop_notes)`,
      ],
      'no such column',
    ],
    [
      'a full-text query that is no query',
      [
        'CREATE VIRTUAL TABLE shop_search USING fts5(body)',
        `SELECT * FROM shop_search WHERE shop_search MATCH (SELECT 'AND "' || note FROM shop_notes)`,
      ],
      'shop-0001',
    ],
    [
      'the expression of a CHECK',
      [
        `CREATE TABLE shop_checked (v TEXT CHECK (v <> '${secret}'))`,
        `INSERT INTO shop_checked SELECT note FROM shop_notes`,
      ],
      'CHECK constraint failed: v <> ',
    ],
    ['a literal where none may be', [`SELECT 1 '${secret}' '${secret}'`], 'syntax error'],
    ['a literal without an end', [`SELECT '${secret}`], 'shop-0001'],
    ['words that code throws', [thrown(new TypeError(`no ${secret}`))], 'TypeError'],
    ['an error’s name that is words', [thrown(Object.assign(new Error('x'), { name: secret }))], 'Error'],
    ['a thing that is no error', [thrown(secret)], 'no error'],
  ])('where SQLite or code quotes %s', async (_, statements, stays) => {
    opened = await openDatabase()
    await opened.run(...vault)
    const component = shop([statements])
    const text = await told([component])
    expect(text).not.toContain(secret)
    expect(text).toContain(stays)
    const plan = await opened.plan([component])
    expect(plan.problems).toHaveLength(1)
    expect(JSON.stringify(plan)).not.toContain(secret)
  })

  test('where what a patch waits for cannot be said', async () => {
    await withAccount()
    const waitsFor = () => Promise.reject(new TypeError(mnemonic))
    const component = shop([{ statements: [orders], waitsFor }])
    expect(wordsIn(await told([component]))).toEqual([])
    const status = new Migrator(opened, [component]).status()
    await expect(status).rejects.toMatchObject({ code: 'patch-failed', details: { patch: 'shop-0001' } })
    expect(wordsIn(String(await status.catch(String)))).toEqual([])
  })

  test('where a plan finds rows', async () => {
    await withAccount()
    const check = { name: 'the vault is empty', rows: 'SELECT id, words FROM vault' }
    const { problems } = await opened.plan([shop([{ statements: [orders], before: [check] }])])
    expect(problems).toMatchObject([{ rows: [{ id: 1, words: `(a text of ${mnemonic.length} characters)` }] }])
    expect(wordsIn(JSON.stringify(problems))).toEqual([])
  })

  test.each([
    ['SELECT nowhere FROM vault', 'no such column: nowhere'],
    ['SELECT * FROM nowhere', 'no such table: nowhere'],
    ['SELECT 1 FORM vault v', 'near "vault": syntax error'],
    ['INSERT INTO vault (id) VALUES (1)', 'UNIQUE constraint failed: vault.id'],
    ['CREATE TABLE vault (x)', 'table vault already exists'],
    ['SELECT * FROM broken', 'no such column: gone'],
  ])('but a name stays: %s', async (statement, message) => {
    await withAccount()
    await opened.run('CREATE VIEW broken AS SELECT gone FROM vault')
    expect(await told([shop([[statement]])])).toContain(message)
  })

  test('but what a trigger says for itself stays', async () => {
    await withAccount()
    await opened.run("CREATE TRIGGER guard BEFORE DELETE ON vault BEGIN SELECT RAISE(ABORT, 'it''s kept'); END")
    expect(await told([shop([[orders, 'DELETE FROM vault']])])).toContain("it's kept")
  })
})

test('the search for words finds one', () => {
  expect(wordsIn(`a ${words[2]} b`)).toEqual([words[2]])
})
