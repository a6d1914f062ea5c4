import { expectEqual, expectRejection } from './expectations.ts'
import { connectionTest, databaseTest, run, runAll, valueOf, type ConformanceTest } from './conformance-test.ts'

const count = { text: 'SELECT count(*) AS n FROM a' }
const create = { text: 'CREATE TABLE a (n, by)' }
const insert = (n: number, by: string) => ({ text: 'INSERT INTO a VALUES (?, ?)', params: [n, by] })
const numbers = Array.from({ length: 20 }, (_, at) => at)

export const concurrencyTests: readonly ConformanceTest[] = [
  databaseTest('concurrency: writers around an open transaction wait for it, and none is lost', async (db) => {
    await db.execute(create)
    const transaction = db.transaction(async (tx) => {
      await tx.execute(insert(1, 'tx'))
      await Promise.resolve()
      await tx.execute(insert(2, 'tx'))
    })
    await Promise.all([transaction, ...numbers.map((n) => db.execute(insert(n, 'outside')))])
    expectEqual(await db.queryOne(count), { n: 22 })
  }),
  databaseTest('concurrency: a writer from outside is not rolled back with the transaction it met', async (db) => {
    await db.execute(create)
    const failing = db.transaction(async (tx) => {
      await tx.execute(insert(1, 'tx'))
      await tx.query(count)
      throw new Error('undone')
    })
    const outcomes = await Promise.allSettled([failing, ...numbers.map((n) => db.execute(insert(n, 'outside')))])
    expectEqual(outcomes.filter(({ status }) => status === 'rejected').length, 1, 'how many failed')
    expectEqual(await db.query({ text: 'SELECT DISTINCT by FROM a' }), [{ by: 'outside' }])
    expectEqual(await db.queryOne(count), { n: 20 })
  }),
  databaseTest('concurrency: transactions run one after the other', async (db) => {
    await db.execute(create)
    await db.execute(insert(0, 'counter'))
    const addOne = () =>
      db.transaction(async (tx) => {
        const [row] = await tx.query<{ n: number }>({ text: 'SELECT n FROM a' })
        await Promise.resolve()
        await tx.execute({ text: 'UPDATE a SET n = ?', params: [(row?.n ?? 0) + 1] })
      })
    await Promise.all(numbers.map(addOne))
    expectEqual(await db.query({ text: 'SELECT n FROM a' }), [{ n: 20 }])
  }),
  databaseTest('concurrency: nobody sees what a transaction has not committed', async (db) => {
    await db.execute(create)
    let outside: Promise<unknown> = Promise.resolve()
    await db.transaction(async (tx) => {
      await tx.execute(insert(1, 'tx'))
      outside = Promise.resolve()
    })
    await outside
    const read = db.query(count)
    const transaction = db.transaction((tx) => tx.execute(insert(2, 'tx')))
    expectEqual(await read, [{ n: 1 }])
    await transaction
  }),
  databaseTest('concurrency: statements of one transaction may be started together', async (db) => {
    await db.execute(create)
    await db.transaction(async (tx) => {
      await Promise.all(numbers.map((n) => tx.execute(insert(n, 'tx'))))
      expectEqual(await tx.queryOne(count), { n: 20 })
    })
  }),
  databaseTest('concurrency: batches started together do not mix', async (db) => {
    await db.execute(create)
    const batches = ['x', 'y', 'z'].map((by) => db.batch(numbers.map((n) => insert(n, by))))
    await Promise.all(batches)
    const rows = await db.query<{ by: string }>({ text: 'SELECT by FROM a ORDER BY rowid' })
    expectEqual(rows.map(({ by }) => by).join(''), 'x'.repeat(20) + 'y'.repeat(20) + 'z'.repeat(20))
  }),
  databaseTest(
    'concurrency: a call on db from inside its transaction is refused, since it would wait for itself',
    async (db) => {
      await db.execute(create)
      await db.transaction(async (tx) => {
        await expectRejection(db.query(count), 'locked')
        await tx.execute(insert(1, 'tx'))
      })
      await expectRejection(
        db.transaction(() => db.transaction(async () => undefined)),
        'locked',
      )
      expectEqual(await db.queryOne(count), { n: 1 })
    },
  ),
  connectionTest('sessions: nobody else runs between two statements of one', async (connection) => {
    await runAll(connection, [create])
    const session = await connection.reserve()
    await run(session, 'BEGIN IMMEDIATE')
    let outsideRan = false
    const outside = run(connection, 'INSERT INTO a VALUES (1, ?)', 'outside').then(() => (outsideRan = true))
    await run(session, 'INSERT INTO a VALUES (2, ?)', 'session')
    expectEqual(await valueOf(session, 'SELECT count(*) FROM a'), 1)
    expectEqual(outsideRan, false, 'whether the other one ran')
    await run(session, 'COMMIT')
    await session.release()
    await outside
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 2)
  }),
  connectionTest('sessions: releasing one rolls back what is open', async (connection) => {
    await runAll(connection, [create])
    const session = await connection.reserve()
    await runAll(session, ['BEGIN IMMEDIATE', insert(1, 'session')])
    await session.release()
    expectEqual(await valueOf(connection, 'SELECT count(*) FROM a'), 0)
  }),
  connectionTest('sessions: after its release one is closed, and a second release does nothing', async (connection) => {
    const session = await connection.reserve()
    await session.release()
    await session.release()
    await expectRejection(run(session, 'SELECT 1'), 'closed')
    expectEqual(await valueOf(connection, 'SELECT 1'), 1)
  }),
  connectionTest('sessions: a second one waits for the first', async (connection) => {
    const order: string[] = []
    const first = await connection.reserve()
    const second = connection.reserve().then((session) => {
      order.push('second')
      return session
    })
    await run(first, 'SELECT 1')
    order.push('first')
    await first.release()
    await (await second).release()
    expectEqual(order, ['first', 'second'])
  }),
]
