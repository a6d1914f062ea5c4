import { describe, expect, test } from 'vitest'
import { defineComponent } from '../../../../src/db/migration/define-component.ts'
import { sql } from '../../../../src/db/sql.ts'
import { engines, openDatabase } from '../test-database.ts'

/** Copies ten numbers, three at a time, into a table of its own; fails before the piece that starts after `failsAt`. */
function numbers(state: { failsAt: number | null }, orphanAt?: number) {
  return defineComponent({
    name: 'numbers',
    patches: [
      {
        name: 'numbers-0001',
        before: [{ name: 'nothing is copied yet', rows: "SELECT name FROM sqlite_schema WHERE name = 'copied'" }],
        statements: [
          'CREATE TABLE copied (n INTEGER PRIMARY KEY REFERENCES source (n))',
          {
            code: 'copies three numbers at a time',
            async next(tx, cursor) {
              const from = Number(cursor ?? 0)
              if (from === state.failsAt) throw new Error('cut off')
              if (from >= 10) return null
              await tx.execute(sql`INSERT INTO copied (n) SELECT n FROM source WHERE n > ${from} AND n <= ${from + 3}`)
              if (from === orphanAt) await tx.execute(sql`INSERT INTO copied (n) VALUES (99)`)
              return String(from + 3)
            },
          },
        ],
      },
    ],
  })
}

describe.each(engines)('a patch in pieces (%s)', (engine) => {
  async function open() {
    const database = await openDatabase(engine)
    await database.run('CREATE TABLE source (n INTEGER PRIMARY KEY)')
    await database.run(
      'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10) INSERT INTO source SELECT n FROM c',
    )
    return database
  }

  test('goes on where it was cut off, its conditions not asked again', async () => {
    const database = await open()
    const state: { failsAt: number | null } = { failsAt: 6 }
    const cutOff = await database.launch([numbers(state)])
    expect(cutOff.outcome).toBe('failed')
    expect(await database.value('SELECT count(*) FROM copied')).toBe(6)
    state.failsAt = null
    expect((await database.migrate([numbers(state)])).applied).toEqual(['numbers-0001'])
    expect(await database.value('SELECT count(*) FROM copied')).toBe(10)
    expect(await database.list('SELECT * FROM selfsame_cursors')).toEqual([])
  })

  test('that was cut off records the objects it made before that too', async () => {
    const database = await open()
    const state: { failsAt: number | null } = { failsAt: 3 }
    await database.launch([numbers(state)])
    state.failsAt = null
    await database.migrate([numbers(state)])
    expect(await database.list('SELECT objects FROM selfsame_ledger')).toEqual(['["table copied"]'])
  })

  test('that was cut off answers for the rows it orphaned before that too', async () => {
    const database = await open()
    const state: { failsAt: number | null } = { failsAt: 6 }
    await database.launch([numbers(state, 3)])
    state.failsAt = null
    const report = await database.launch([numbers(state, 3)])
    expect(report.error).toMatchObject({ code: 'foreign-key-violation' })
  })
})
