import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  foreignKeyViolations,
  identifiedViolations,
  newViolations,
  withoutKey,
} from '../../../../src/db/migration/schema/foreign-keys.ts'
import { orphansOf } from '../../../../src/db/migration/schema/orphan-query.ts'
import { readForeignKeys } from '../../../../src/db/migration/schema/read-foreign-keys.ts'
import { openEngine, type Engine, type TestDatabase } from '../rebuild/open-engine.ts'
import { SchemaMaker } from '../rebuild/random-schema.ts'

describe.each<Engine>(['node', 'sql.js'])('foreign key violations on %s', (engine) => {
  let db: TestDatabase
  const violations = () => foreignKeyViolations(db.reader)
  beforeEach(async () => {
    db = await openEngine(engine)
  })
  afterEach(() => db.close())

  test('are none in a sound database, and then one query is enough', async () => {
    await db.run(
      'CREATE TABLE p (x INTEGER PRIMARY KEY)',
      'CREATE TABLE c (a REFERENCES p)',
      'INSERT INTO c VALUES (NULL)',
    )
    let queries = 0
    const counted: Pick<typeof db.reader, 'query'> = {
      query: (statement) => {
        queries += 1
        return db.reader.query(statement)
      },
    }
    expect(await foreignKeyViolations(counted)).toEqual([])
    expect(queries).toBe(1)
  })

  test('name the row, the parent and the columns of the constraint', async () => {
    await db.run(
      'CREATE TABLE p (x INTEGER PRIMARY KEY, y UNIQUE)',
      'CREATE TABLE c (a REFERENCES p, b, FOREIGN KEY (b) REFERENCES p (y))',
    )
    await db.run('INSERT INTO p VALUES (1, 1)', 'INSERT INTO c (rowid, a, b) VALUES (5, 1, 1), (7, 2, 1), (9, NULL, 3)')
    expect(await violations()).toEqual([
      { table: 'c', rowid: 7, parent: 'p', fkid: 1, columns: ['a'] },
      { table: 'c', rowid: 9, parent: 'p', fkid: 0, columns: ['b'] },
    ])
  })

  test('have no row number in a WITHOUT ROWID table, and are as many as there are rows', async () => {
    await db.run('CREATE TABLE c (a PRIMARY KEY REFERENCES p) WITHOUT ROWID', 'INSERT INTO c VALUES (1), (2)')
    const row = { table: 'c', rowid: null, parent: 'p', fkid: 0, columns: ['a'] }
    expect(await violations()).toEqual([row, row])
  })

  test('are found where the parent key has no unique index, on which the pragma fails for all tables', async () => {
    await db.run(
      'CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT COLLATE NOCASE)',
      "INSERT INTO accounts VALUES (1, 'A'), (2, '7')",
    )
    await db.run(
      'CREATE TABLE c (a REFERENCES accounts (did))',
      "INSERT INTO c (rowid, a) VALUES (3, 'a'), (4, 'b'), (5, NULL), (6, 7)",
    )
    await db.run('CREATE TABLE sound (a REFERENCES accounts)', 'INSERT INTO sound VALUES (9)')
    await expect(db.rows('PRAGMA foreign_key_check')).rejects.toThrow('foreign key mismatch')
    expect(await violations()).toEqual([
      { table: 'c', rowid: 4, parent: 'accounts', fkid: 0, columns: ['a'] },
      { table: 'sound', rowid: 1, parent: 'accounts', fkid: 0, columns: ['a'] },
    ])
  })

  test('blame nobody for orphans that only become enforceable', async () => {
    await db.run('CREATE TABLE accounts (id INTEGER PRIMARY KEY, did TEXT)', "INSERT INTO accounts VALUES (1, 'a')")
    await db.run('CREATE TABLE c (x REFERENCES accounts (did))', "INSERT INTO c VALUES ('a'), ('gone')")
    const before = await violations()
    await db.run('CREATE UNIQUE INDEX did ON accounts (did)')
    const after = await violations()
    expect(after).toHaveLength(1)
    expect(newViolations(before, after)).toEqual([])
  })

  test.each([
    ['a view', 'CREATE VIEW p AS SELECT 1 AS x', [2]],
    ['a table that is not there', 'CREATE TABLE q (x)', [1, 2]],
    ['a table without that column', 'CREATE TABLE p (y)', [1, 2]],
    ['a primary key of another width', 'CREATE TABLE p (x, y, PRIMARY KEY (x, y))', [1, 2]],
  ])('are found in a key to %s', async (_what, parent, rows) => {
    const target = parent.includes('PRIMARY') ? 'p' : 'p (x)'
    await db.run(parent, `CREATE TABLE c (a REFERENCES ${target})`, 'INSERT INTO c VALUES (1), (2), (NULL)')
    await db.run('CREATE TABLE mismatch (a REFERENCES c (a))')
    expect((await violations()).map(({ rowid }) => rowid)).toEqual(rows)
  })

  test('are found in a table that hides its rowid behind a column', async () => {
    await db.run(
      'CREATE TABLE p (x)',
      'CREATE TABLE c (rowid, a REFERENCES p (x))',
      "INSERT INTO c (_rowid_, rowid, a) VALUES (8, 'no', 1)",
    )
    expect(await violations()).toMatchObject([{ rowid: 8 }])
  })

  // A unique index that has one column of a key twice and another one not at all is taken by SQLite for the index of that
  // key (`sqlite3FkLocateIndex` looks for each column of the index in the key, and not the other way round).
  test('are found by the query where the pragma looks into an index that leaves a column out', async () => {
    await db.run(
      'CREATE TABLE p (a, b, PRIMARY KEY (a, b), UNIQUE (b, b))',
      'CREATE TABLE c (x, y, FOREIGN KEY (x, y) REFERENCES p (a, b))',
      'INSERT INTO p VALUES (1, 1)',
      'INSERT INTO c VALUES (1, 1), (2, 1), (NULL, 3)',
    )
    const [key] = await readForeignKeys(db.reader)
    expect(await hasIndexOfOneColumnTwice(db, 'p')).toBe(true)
    expect((await db.rows('PRAGMA foreign_key_check')).map(({ rowid }) => rowid)).toEqual([3])
    expect((await orphansOf(db.reader, key!)).map(({ rowid }) => rowid)).toEqual([2])
  })

  test('are found by the query exactly as the pragma finds them, wherever the pragma can', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (draw) => {
        const random = await openEngine(engine)
        for (const statement of new SchemaMaker(draw).schema().statements) await random.run(statement)
        const keys = await readForeignKeys(random.reader)
        for (const table of new Set(keys.map((key) => key.table))) {
          const own = keys.filter((key) => key.table === table)
          if ((await Promise.all(own.map(({ parent }) => hasIndexOfOneColumnTwice(random, parent)))).includes(true))
            continue
          const pragma = await random
            .rows(`PRAGMA foreign_key_check("${table.replaceAll('"', '""')}")`)
            .catch(() => undefined)
          if (!pragma) continue
          const ours = []
          for (const key of own) ours.push(...(await orphansOf(random.reader, key)))
          const text = (rows: readonly object[]) =>
            rows
              .map((row) =>
                JSON.stringify(
                  Object.entries(row)
                    .filter(([name]) => name !== 'columns' && name !== 'key')
                    .toSorted(),
                ),
              )
              .toSorted()
          expect(text(ours)).toEqual(text(pragma))
          compared += ours.length
        }
        await random.close()
      }),
      { numRuns: engine === 'node' ? 150 : 50, endOnFailure: true },
    )
    process.stdout.write(`${engine}: ${compared} orphans found by the query as by the pragma\n`)
    expect(compared).toBeGreaterThan(50)
  })
})

async function hasIndexOfOneColumnTwice(db: TestDatabase, table: string): Promise<boolean> {
  const rows = await db.reader.query({
    text: `SELECT 1 FROM pragma_index_list(?) AS i JOIN pragma_index_info(i.name) AS c
      WHERE i."unique" = 1 AND c.cid >= 0 GROUP BY i.name HAVING count(*) > count(DISTINCT c.cid)`,
    params: [table],
  })
  return rows.length > 0
}

describe.each<Engine>(['node', 'sql.js'])('identified violations on %s', (engine) => {
  const tables = ['CREATE TABLE p (k TEXT PRIMARY KEY)', "INSERT INTO p VALUES ('good'), ('fine')"]
  const open = async (child: string, ...statements: string[]) => {
    const db = await openEngine(engine)
    await db.run(...tables, child, ...statements)
    return db
  }

  test.each([
    ['one column', 'CREATE TABLE c (id TEXT PRIMARY KEY, k TEXT REFERENCES p (k)) WITHOUT ROWID', 'id, k', ''],
    ['two', 'CREATE TABLE c (a, id, k TEXT REFERENCES p (k), PRIMARY KEY (id, a)) WITHOUT ROWID', 'a, id, k', '7, '],
  ])(
    'tell rows without numbers by a primary key of %s: one put right does not make up for another',
    async (_what, child, columns, a) => {
      const insert = `INSERT INTO c (${columns}) VALUES (${a}'one', 'good'), (${a}'two', 'gone')`
      const db = await open(child, insert)
      const before = await identifiedViolations(db.reader)
      expect(newViolations(before, await identifiedViolations(db.reader))).toEqual([])
      await db.run("DELETE FROM c WHERE id = 'two'", "DELETE FROM p WHERE k = 'good'")
      const added = newViolations(before, await identifiedViolations(db.reader))
      expect(added.map(withoutKey)).toEqual([{ table: 'c', rowid: null, parent: 'p', fkid: 0, columns: ['k'] }])
      expect(JSON.stringify(added.map(withoutKey))).not.toContain('one')
      await db.close()
    },
  )
})

describe('newViolations', () => {
  const row = { table: 't', rowid: 1, parent: 'p', fkid: 0, columns: ['a'] }

  test('are those that were not there before, each as often as it occurs', () => {
    const hidden = { ...row, rowid: null }
    expect(newViolations([row, hidden], [row, hidden, hidden, { ...row, rowid: 2 }])).toEqual([
      hidden,
      { ...row, rowid: 2 },
    ])
    expect(newViolations([row, row], [row])).toEqual([])
  })

  test('know a constraint by its columns, since its number changes when another one goes', () => {
    expect(newViolations([{ ...row, fkid: 1 }], [row])).toEqual([])
    expect(newViolations([row], [{ ...row, columns: ['b'] }])).toEqual([{ ...row, columns: ['b'] }])
  })

  test('know a row number beyond 2^53 and a table in another case', () => {
    expect(newViolations([{ ...row, rowid: 2n ** 60n }], [{ ...row, table: 'T', rowid: 2n ** 60n }])).toEqual([])
  })
})
