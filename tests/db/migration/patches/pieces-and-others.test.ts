import { afterEach, describe, expect, test } from 'vitest'
import type { ChunkedStep, PatchTransaction } from '../../../../src/db/migration/component.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { component } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

/** Six pieces; the third fails while `state.cutOff`, each tells `piece` which one it is. */
function sixPieces(
  state: { cutOff: boolean },
  piece: (at: number, tx: PatchTransaction) => Promise<unknown>,
): ChunkedStep {
  return {
    code: 'six pieces',
    async next(tx, cursor) {
      const at = Number(cursor ?? 0) + 1
      if (at === 3 && state.cutOff) throw new Error('cut off')
      await piece(at, tx)
      return at === 6 ? null : String(at)
    },
  }
}
const nothing = () => Promise.resolve()
const tables = () =>
  opened.list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 's*' ORDER BY name")
const dropA = (...components: Parameters<typeof component>[]) =>
  new Migrator(
    opened,
    components.map((args) => component(...args)),
  ).drop('a')

describe.each(engines)('A patch in pieces, cut off, on %s', (engine) => {
  const orphans = 'INSERT INTO child VALUES (777)'
  async function openWithParents() {
    opened = await openDatabase(engine)
    await opened.run('CREATE TABLE n (id INTEGER PRIMARY KEY)', 'CREATE TABLE child (n REFERENCES n (id))')
    await opened.run('INSERT INTO n VALUES (1), (2), (3), (4), (5), (6), (7)', 'INSERT INTO child VALUES (1), (5)')
  }

  test('owns what its pieces made, and neither other components’ tables nor the user’s', async () => {
    opened = await openDatabase(engine)
    const state = { cutOff: true }
    const pieces = sixPieces(state, (at, tx) => tx.execute({ text: `CREATE TABLE a_${at} (x)` }))
    const a = ['a', [['CREATE TABLE a_t (x)', pieces]]] as const
    const b = ['b', [['CREATE TABLE b_t (x)']]] as const
    expect((await opened.launch([component(...a)])).outcome).toBe('failed')
    await opened.run('CREATE TABLE mine (x)')
    state.cutOff = false
    await opened.migrate([component(...b), component(...a)])
    expect(await opened.list("SELECT objects FROM selfsame_ledger WHERE name = 'a-0001'")).toEqual([
      JSON.stringify(['a_t', 'a_1', 'a_2', 'a_3', 'a_4', 'a_5', 'a_6'].map((name) => `table ${name}`)),
    ])
    await dropA([...b], [...a])
    expect(await tables()).toEqual(['b_t', 'mine'])
  })

  test('owns its table under the name a later piece gave it, and none that went', async () => {
    opened = await openDatabase(engine)
    const state = { cutOff: true }
    const texts = ['CREATE TABLE a_1 (x)', 'CREATE TABLE a_2 (x)', 'ALTER TABLE a_1 RENAME TO a_3', 'DROP TABLE a_2']
    const pieces = sixPieces(state, (at, tx) => tx.execute({ text: texts[at - 1] ?? 'SELECT 1' }))
    const a = component('a', [[pieces]])
    await opened.launch([a])
    state.cutOff = false
    await opened.migrate([a])
    expect(await opened.list('SELECT objects FROM selfsame_ledger')).toEqual(['["table a_3"]'])
  })

  test('goes on although somebody else made a row without its parent meanwhile', async () => {
    await openWithParents()
    const state = { cutOff: true }
    const a = component('a', [[sixPieces(state, nothing)]])
    await opened.launch([a])
    await opened.runUnguarded(orphans)
    state.cutOff = false
    expect((await opened.migrate([a])).applied).toEqual(['a-0001'])
  })

  test('goes on although somebody else makes such a row between two of its pieces', async () => {
    await openWithParents()
    const a = component('a', [[sixPieces({ cutOff: false }, nothing), sixPieces({ cutOff: false }, nothing)]])
    const commits = { count: 0 }
    const connection = {
      ...opened.connection,
      reserve: async () => {
        const session = await opened.connection.reserve()
        return {
          ...session,
          run: async (...call: Parameters<typeof session.run>) => {
            const results = await session.run(...call)
            const committed = call[0][0]?.text === 'COMMIT'
            if (committed && (commits.count += 1) === 4) await session.run([{ text: orphans, params: [] }])
            return results
          },
          release: () => session.release(),
        }
      },
      run: (...call: Parameters<typeof opened.connection.run>) => opened.connection.run(...call),
    }
    const report = await new Migrator({ driver: opened.driver, connection }, [a]).launch()
    expect(report.error).toBeUndefined()
    expect(await opened.value('SELECT count(*) FROM child WHERE n = 777')).toBe(1)
  })

  test.each([
    ['before', 1],
    ['after', 5],
  ])('is refused for the rows that its pieces orphaned %s that, next to somebody else’s', async (_when, id) => {
    await openWithParents()
    const state = { cutOff: true }
    const deletes = (at: number, tx: PatchTransaction) =>
      at === id ? tx.execute({ text: 'DELETE FROM n WHERE id = ?', params: [at] }) : nothing()
    const a = component('a', [[sixPieces(state, deletes)]])
    await opened.launch([a])
    await opened.runUnguarded(orphans)
    state.cutOff = false
    const refused = { code: 'foreign-key-violation', details: { rows: [{ table: 'child', columns: ['n'] }] } }
    expect((await opened.launch([a])).error).toMatchObject(refused)
    expect((await opened.launch([a])).error).toMatchObject(refused)
    await opened.runUnguarded('UPDATE child SET n = NULL WHERE n IN (1, 5) AND n NOT IN (SELECT id FROM n)')
    expect((await opened.migrate([a])).applied).toEqual(['a-0001'])
  })

  test('may orphan rows in one piece and give them a parent in a later one', async () => {
    await openWithParents()
    const state = { cutOff: true }
    const texts: Record<number, string> = { 1: 'DELETE FROM n WHERE id = 1', 4: 'INSERT INTO n VALUES (1)' }
    const a = component('a', [[sixPieces(state, (at, tx) => tx.execute({ text: texts[at] ?? 'SELECT 1' }))]])
    await opened.launch([a])
    state.cutOff = false
    expect((await opened.migrate([a])).applied).toEqual(['a-0001'])
  })

  test('is refused for what it orphaned among more rows than are looked through after every piece', async () => {
    await openWithParents()
    await opened.run(`WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 11000)
      INSERT INTO child SELECT NULL FROM r`)
    const state = { cutOff: true }
    const deletes = (at: number, tx: PatchTransaction) =>
      at === 1 ? tx.execute({ text: 'DELETE FROM n WHERE id = 1' }) : nothing()
    const a = component('a', [[sixPieces(state, deletes)]])
    await opened.launch([a])
    state.cutOff = false
    expect((await opened.launch([a])).error?.code).toBe('foreign-key-violation')
    await opened.run('DELETE FROM child WHERE n IS NULL')
    expect((await opened.launch([a])).error?.code).toBe('foreign-key-violation')
  })

  test('says how many pieces stay and that the next launch goes on there, and so does the status', async () => {
    opened = await openDatabase(engine)
    const state = { cutOff: true }
    const a = component('a', [['CREATE TABLE a_t (x)', sixPieces(state, nothing)]])
    const status = async () => (await new Migrator(opened, [a]).status())[0]
    expect(await status()).toMatchObject({ begun: [] })
    expect((await opened.launch([a])).error).toMatchObject({
      code: 'patch-failed',
      message: expect.stringMatching(
        /^a-0001 failed: .*\. a-0001 is begun: 3 pieces of it are done and stay; the next launch goes on there\.$/,
      ),
      details: { patch: 'a-0001', begun: { name: 'a-0001', pieces: 3 } },
    })
    expect(await status()).toMatchObject({ pending: ['a-0001'], begun: [{ name: 'a-0001', pieces: 3 }] })
    // One that goes on and fails at once still has them.
    expect((await opened.launch([a])).error).toMatchObject({ details: { begun: { pieces: 3 } } })
    state.cutOff = false
    await opened.migrate([a])
    expect(await status()).toMatchObject({ pending: [], begun: [] })
  })

  test('says so too when it was called off, or refused by a check at its end', async () => {
    opened = await openDatabase(engine)
    const controller = new AbortController()
    const pieces = sixPieces({ cutOff: false }, async (at) => void (at === 1 && controller.abort()))
    const check = { name: 'never', rows: 'SELECT 1 AS one' }
    const a = component('a', [{ statements: [pieces], after: [check] }])
    expect((await opened.launch([a], { signal: controller.signal })).error).toMatchObject({
      message: expect.stringContaining('1 piece of it is done and stays; the next launch goes on there.'),
      details: { cancelled: true, begun: { name: 'a-0001', pieces: 1 } },
    })
    expect((await opened.launch([a])).error).toMatchObject({ details: { begun: { pieces: 6 } } })
  })

  test('is undone, and says so, in a plan and where it fails before it begins', async () => {
    opened = await openDatabase(engine)
    const pieces = sixPieces({ cutOff: true }, nothing)
    const [problem] = (await opened.plan([component('a', [[pieces]])])).problems
    expect(problem?.message).toMatch(/^a-0001 failed and was undone: /)
    expect(problem?.message).not.toContain('begun')
    const before = [{ name: 'never', rows: 'SELECT 1 AS one' }]
    const other = component('b', [['CREATE TABLE b_t (x)'], { statements: [pieces], before }])
    const { error } = await opened.launch([other])
    expect(error?.message).toContain('b-0002 failed and was undone')
    expect(error?.details).not.toHaveProperty('begun')
  })

  test.each([
    ['undefined', undefined],
    ['a number', 5],
    ['a boolean', true],
    ['a object', {}],
  ])('is refused, and does not go on for ever, when a piece returns %s', async (what, returned) => {
    opened = await openDatabase(engine)
    let calls = 0
    const step: ChunkedStep = {
      code: 'returns no place',
      async next() {
        if ((calls += 1) > 2) throw new Error('called again')
        return returned as never
      },
    }
    const a = component('a', [[step]])
    const refused = `A step in pieces returned ${what}`
    expect((await opened.plan([a])).problems).toMatchObject([{ message: expect.stringContaining(refused) }])
    expect((await opened.launch([a])).error).toMatchObject({
      code: 'patch-failed',
      message: expect.stringContaining(refused),
    })
    expect(calls).toBe(2)
  })
})
