import { expectEqual, expectRejection } from './expectations.ts'
import { connectionTest, databaseTest, run, runAll, valueOf, type ConformanceTest } from './conformance-test.ts'

const rows = { text: 'SELECT n FROM a ORDER BY n' }
const insert = (n: number) => ({ text: 'INSERT INTO a VALUES (?)', params: [n] })
const create = { text: 'CREATE TABLE a (n UNIQUE)' }
const thrown = new Error('thrown by the body')

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}

export const transactionTests: readonly ConformanceTest[] = [
  databaseTest('transactions: what the body wrote is kept when it resolves', async (db) => {
    await db.execute(create)
    const answer = await db.transaction(async (tx) => {
      await tx.execute(insert(1))
      expectEqual(await tx.query(rows), [{ n: 1 }], 'what it sees of itself')
      await tx.batch([insert(2), insert(3)])
      return 'done'
    })
    expectEqual([answer, await db.query(rows)], ['done', [{ n: 1 }, { n: 2 }, { n: 3 }]])
  }),
  databaseTest('transactions: a throw in the body rolls everything back, and is passed on as it is', async (db) => {
    await db.execute(create)
    const error = await caught(
      db.transaction(async (tx) => {
        await tx.execute(insert(1))
        await tx.execute({ text: 'CREATE TABLE b (n)' })
        throw thrown
      }),
    )
    expectEqual(error === thrown, true, 'whether it is the same error')
    expectEqual(await db.query(rows), [])
    expectEqual(await db.query({ text: "SELECT name FROM sqlite_schema WHERE name = 'b'" }), [])
  }),
  databaseTest('transactions: a failed statement rolls back unless the body catches it', async (db) => {
    await db.execute(create)
    await expectRejection(
      db.transaction(async (tx) => {
        await tx.execute(insert(1))
        await tx.execute(insert(1))
      }),
      'sqlite',
    )
    expectEqual(await db.query(rows), [], 'after the uncaught one')
    await db.transaction(async (tx) => {
      await tx.execute(insert(1))
      await caught(tx.execute(insert(1)))
      await tx.execute(insert(2))
    })
    expectEqual(await db.query(rows), [{ n: 1 }, { n: 2 }], 'after the caught one')
  }),
  databaseTest('transactions: a batch inside one that fails and is caught leaves nothing of itself', async (db) => {
    await db.execute(create)
    await db.transaction(async (tx) => {
      await tx.execute(insert(1))
      const error = await expectRejection(tx.batch([insert(2), insert(3), insert(1)]), 'sqlite')
      expectEqual(error.details?.statement, 2, 'the statement named')
      await tx.execute(insert(4))
    })
    expectEqual(await db.query(rows), [{ n: 1 }, { n: 4 }])
  }),
  databaseTest('transactions: none goes on after SQLite has rolled it back by itself', async (db) => {
    await db.execute(create)
    await db.execute({
      text: "CREATE TRIGGER guard BEFORE INSERT ON a WHEN new.n = 13 BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    })
    const error = await caught(
      db.transaction(async (tx) => {
        await tx.execute(insert(1))
        await caught(tx.execute(insert(13)))
        await tx.execute(insert(2))
      }),
    )
    expectEqual(error instanceof Error, true, 'whether it rejected')
    expectEqual(await db.query(rows), [])
  }),
  databaseTest('transactions: a commit that a deferred foreign key refuses rolls back', async (db) => {
    await db.batch([
      { text: 'CREATE TABLE parent (id INTEGER PRIMARY KEY)' },
      { text: 'CREATE TABLE a (n REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)' },
    ])
    await expectRejection(
      db.transaction((tx) => tx.execute(insert(1))),
      'foreign-key-violation',
    )
    expectEqual(await db.query(rows), [])
    await db.execute({ text: 'INSERT INTO parent VALUES (1)' })
  }),
  databaseTest('transactions: its tx is refused after its end', async (db) => {
    await db.execute(create)
    let kept: { execute(statement: { text: string }): Promise<unknown> } | undefined
    await db.transaction(async (tx) => {
      kept = tx
    })
    await expectRejection(kept?.execute({ text: 'DELETE FROM a' }) ?? Promise.resolve(), 'closed')
  }),
  databaseTest('transactions: BEGIN, COMMIT and ROLLBACK are refused as statements', async (db) => {
    await db.execute(create)
    for (const text of ['BEGIN', 'begin immediate', 'COMMIT', 'END', 'ROLLBACK', '/* x */ SAVEPOINT s']) {
      await expectRejection(db.execute({ text }), 'unsupported', text)
      await expectRejection(db.batch([insert(1), { text }]), 'unsupported', text)
    }
    await expectRejection(
      db.transaction(async (tx) => {
        await tx.execute(insert(1))
        await tx.execute({ text: 'COMMIT' })
      }),
      'unsupported',
    )
    expectEqual(await db.query(rows), [])
  }),
  databaseTest('transactions: a batch is all or nothing', async (db) => {
    await db.execute(create)
    await expectRejection(db.batch([insert(1), { text: 'CREATE TABLE b (n)' }, insert(1)]), 'sqlite')
    expectEqual(await db.query(rows), [])
    expectEqual(await db.query({ text: "SELECT name FROM sqlite_schema WHERE name = 'b'" }), [])
    expectEqual(
      (await db.batch([insert(1), rows, insert(2)])).map((result) => result.changes),
      [1, 0, 1],
    )
  }),
  databaseTest('transactions: a batch of nothing answers nothing', async (db) => {
    expectEqual(await db.batch([]), [])
  }),
  connectionTest('transactions: without one, statements before the failed one stay', async (connection) => {
    await runAll(connection, [create])
    await expectRejection(runAll(connection, [insert(1), insert(1), insert(2)]), 'sqlite')
    expectEqual((await run(connection, 'SELECT n FROM a')).rows, [[1]])
  }),
  connectionTest('transactions: PRAGMA user_version and DDL are rolled back too', async (connection) => {
    const batch = ['PRAGMA user_version = 7', 'CREATE TABLE b (n)', 'SELECT * FROM nowhere']
    await expectRejection(runAll(connection, batch, { transaction: true }), 'sqlite')
    expectEqual(await valueOf(connection, 'PRAGMA user_version'), 0)
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM sqlite_schema'), 0)
  }),
  connectionTest('transactions: a thousand statements go in one batch', async (connection) => {
    await runAll(connection, [create])
    const statements = Array.from({ length: 1000 }, (_, n) => insert(n))
    const results = await runAll(connection, statements, { transaction: true })
    expectEqual([results.length, await valueOf(connection, 'SELECT count(*) FROM a')], [1000, 1000])
  }),
]
