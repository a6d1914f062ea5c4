import { afterEach, describe, expect, test } from 'vitest'
import { createDataLayer } from '../../../src/data-layer.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import type { Component } from '../../../src/db/migration/component.ts'
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

  test('but what a trigger says for itself stays', async () => {
    await withAccount()
    await opened.run("CREATE TRIGGER guard BEFORE DELETE ON vault BEGIN SELECT RAISE(ABORT, 'it''s kept'); END")
    expect(await told([shop([[orders, 'DELETE FROM vault']])])).toContain("it's kept")
  })
})

test('the search for words finds one', () => {
  expect(wordsIn(`a ${words[2]} b`)).toEqual([words[2]])
})
