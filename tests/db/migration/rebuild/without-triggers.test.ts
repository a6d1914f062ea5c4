import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withoutTriggers } from '../../../../src/db/migration/rebuild/without-triggers.ts'
import { openEngine, type Engine, type TestDatabase } from './open-engine.ts'

describe.each<Engine>(['node', 'sql.js'])('withoutTriggers on %s', (engine) => {
  let db: TestDatabase
  const triggers = () => db.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")

  beforeEach(async () => {
    db = await openEngine(engine)
    await db.run(
      'CREATE TABLE "a b" (x)',
      'CREATE TABLE other (x)',
      'CREATE TABLE log (x)',
      `CREATE TRIGGER "second "" one" AFTER INSERT ON [A B] BEGIN INSERT INTO log VALUES ('z'); END`,
      'CREATE TRIGGER a AFTER INSERT ON "a b" WHEN CASE WHEN new.x THEN 1 END BEGIN INSERT INTO other VALUES (1); END',
      "CREATE TRIGGER o AFTER INSERT ON other BEGIN INSERT INTO log VALUES ('other'); END",
    )
  })
  afterEach(() => db.close())

  test("writes past the table's triggers, and not past those of others", async () => {
    const result = await db.transaction((tx) =>
      withoutTriggers(tx, 'a b', async () => {
        await tx.execute({ text: 'INSERT INTO "a b" VALUES (1)' })
        await tx.execute({ text: 'INSERT INTO other VALUES (1)' })
        return 'done'
      }),
    )
    expect(result).toBe('done')
    expect(await db.rows('SELECT * FROM log')).toEqual([{ x: 'other' }])
  })

  test('puts them back to the letter and in their order, so that they fire again', async () => {
    const before = await triggers()
    await db.transaction((tx) => withoutTriggers(tx, 'A B', async () => undefined))
    const own = before.filter(({ name }) => name !== 'o')
    expect((await triggers()).filter(({ name }) => name !== 'o')).toEqual(own)
    await db.run('INSERT INTO "a b" VALUES (0)')
    expect(await db.rows('SELECT * FROM log')).toEqual([{ x: 'z' }])
  })

  test('puts them back when the body throws, for a caller that goes on, and throws what it threw', async () => {
    const before = await triggers()
    const thrown = await db.transaction(async (tx) =>
      withoutTriggers(tx, 'a b', async () => {
        await tx.execute({ text: 'INSERT INTO "a b" VALUES (1)' })
        throw new Error('on purpose')
      }).catch((error: unknown) => error),
    )
    expect(thrown).toEqual(new Error('on purpose'))
    expect((await triggers()).map(({ name }) => name).toSorted()).toEqual(before.map(({ name }) => name).toSorted())
  })

  test('says so when a trigger cannot come back', async () => {
    const lost = db.transaction((tx) =>
      withoutTriggers(tx, 'a b', async () => void (await tx.execute({ text: 'DROP TABLE "a b"' }))),
    )
    await expect(lost).rejects.toMatchObject({ code: 'sqlite' })
  })

  test('refuses a view and a table with TEMP triggers', async () => {
    await db.run('CREATE VIEW v AS SELECT 1', 'CREATE TEMP TRIGGER t AFTER INSERT ON other BEGIN SELECT 1; END')
    for (const table of ['v', 'other']) {
      await expect(db.transaction((tx) => withoutTriggers(tx, table, async () => undefined))).rejects.toMatchObject({
        code: 'unsupported',
      })
    }
  })
})
