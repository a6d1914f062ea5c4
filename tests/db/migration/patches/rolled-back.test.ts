import { afterEach, describe, expect, test } from 'vitest'
import type { CodeStep } from '../../../../src/db/migration/component.ts'
import { component } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

// ON CONFLICT ROLLBACK ends the whole transaction; RAISE(ROLLBACK) and a full disk do the same.
const swallows: CodeStep = {
  code: 'goes on as if nothing had happened',
  run: async (tx) => void (await tx.execute({ text: 'INSERT INTO taken VALUES (1)' }).catch(() => undefined)),
}

describe.each(engines)('A patch that goes on after SQLite has rolled back by itself on %s', (engine) => {
  const others = component('a', [['CREATE TABLE a_t (x)']])
  const guilty = component('b', [
    ['CREATE TABLE one (x)'],
    [swallows, 'CREATE TABLE two (x)'],
    ['CREATE TABLE three (x)'],
  ])
  const last = component('b', [['CREATE TABLE one (x)'], ['CREATE TABLE two (x)', swallows]])
  const tables = () =>
    opened.list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 's*' ORDER BY name")
  async function open() {
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE taken (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK)', 'INSERT INTO taken VALUES (1)')
    await opened.migrate([others])
  }

  test.each([guilty, last])('fails, and nothing of the launch is kept (%#)', async (b) => {
    await open()
    const report = await opened.launch([others, b])
    expect(report).toMatchObject({ outcome: 'failed', error: { code: 'patch-failed', details: { patch: 'b-0002' } } })
    expect(report.error?.message).toContain('SQLite has rolled the whole transaction back')
    expect(await tables()).toEqual(['a_t', 'taken'])
    expect(await opened.list('SELECT name FROM selfsame_ledger')).toEqual(['a-0001'])
  })

  test('leaves nothing behind when it is planned', async () => {
    await open()
    const before = await opened.snapshot()
    expect((await opened.plan([others, guilty])).problems).toMatchObject([{ code: 'patch-failed' }])
    expect(await opened.snapshot()).toEqual(before)
  })
})
