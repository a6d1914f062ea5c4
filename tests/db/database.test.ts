import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { Database } from '../../src/db/database.ts'
import { sql } from '../../src/db/sql.ts'
import { fakeConnection, nothing } from './fake-connection.ts'

async function openDatabase(): Promise<Database> {
  const db = new Database(await nodeDriver({ filename: ':memory:' }).open())
  await db.execute(sql`CREATE TABLE a (n UNIQUE)`)
  return db
}

describe('calls', () => {
  test('query, queryOne and execute are one round trip each, and a batch is one for all its statements', async () => {
    const connection = fakeConnection()
    const db = new Database(connection)
    await db.query(sql`SELECT 1`)
    await db.queryOne(sql`SELECT 2`)
    await db.execute(sql`DELETE FROM a`)
    await db.batch([sql`SELECT 3`, sql`SELECT 4`, sql`SELECT 5`])
    expect(connection.sent).toEqual([
      ['SELECT 1'],
      ['SELECT 2'],
      ['DELETE FROM a'],
      ['SELECT 3', 'SELECT 4', 'SELECT 5'],
    ])
  })

  test('a batch inside a transaction is one round trip too', async () => {
    const connection = fakeConnection()
    await new Database(connection).transaction((tx) => tx.batch([sql`SELECT 1`, sql`SELECT 2`]))
    expect(connection.sent).toEqual([
      ['BEGIN IMMEDIATE'],
      ['SAVEPOINT selfsame_batch', 'SELECT 1', 'SELECT 2', 'RELEASE selfsame_batch'],
      ['COMMIT'],
      ['ROLLBACK'],
    ])
  })

  test('an engine that gives no result for a statement is reported', async () => {
    const connection = fakeConnection()
    connection.answer = async () => []
    await expect(new Database(connection).query(sql`SELECT 1`)).rejects.toMatchObject({ code: 'sqlite' })
  })

  test('a refused value reaches no engine', async () => {
    const connection = fakeConnection()
    await expect(new Database(connection).execute(sql`INSERT INTO a VALUES (${undefined})`)).rejects.toMatchObject({
      code: 'invalid-value',
    })
    expect(connection.sent).toEqual([])
  })
})

describe('nested use', () => {
  test('a call on db inside the callback is refused at once, and the transaction goes on', async () => {
    const db = await openDatabase()
    await db.transaction(async (tx) => {
      await tx.execute(sql`INSERT INTO a VALUES (1)`)
      await expect(db.query(sql`SELECT n FROM a`)).rejects.toMatchObject({ code: 'locked' })
      await expect(db.batch([sql`SELECT n FROM a`])).rejects.toMatchObject({ code: 'locked' })
      await expect(db.transaction(async () => undefined)).rejects.toMatchObject({ code: 'locked' })
      await expect(db.export()).rejects.toMatchObject({ code: 'locked' })
    })
    expect(await db.query(sql`SELECT n FROM a`)).toEqual([{ n: 1 }])
    await db.close()
  })

  test('it is told apart through other functions and awaits', async () => {
    const db = await openDatabase()
    const save = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return db.execute(sql`INSERT INTO a VALUES (2)`)
    }
    await expect(db.transaction(() => save())).rejects.toMatchObject({ code: 'locked' })
    await db.close()
  })

  test('a call started in the callback and awaited after it is no nested one', async () => {
    const db = await openDatabase()
    let later: Promise<unknown> = Promise.resolve()
    let open!: () => void
    const ended = new Promise<void>((resolve) => (open = resolve))
    await db.transaction(async (tx) => {
      later = ended.then(() => db.execute(sql`INSERT INTO a VALUES (2)`))
      await tx.execute(sql`INSERT INTO a VALUES (1)`)
    })
    open()
    await later
    expect(await db.query(sql`SELECT n FROM a`)).toEqual([{ n: 1 }, { n: 2 }])
    await db.close()
  })

  test('a transaction on another database is none inside this one', async () => {
    const [one, other] = [await openDatabase(), await openDatabase()]
    await one.transaction(async (tx) => {
      await other.transaction((inner) => inner.execute(sql`INSERT INTO a VALUES (1)`))
      await tx.execute(sql`INSERT INTO a VALUES (1)`)
    })
    expect(await other.query(sql`SELECT n FROM a`)).toEqual([{ n: 1 }])
    await Promise.all([one.close(), other.close()])
  })
})

describe('the end of a transaction', () => {
  test('a COMMIT that the engine refuses is passed on, after the rollback', async () => {
    const connection = fakeConnection()
    connection.answer = async (statements) => {
      if (statements[0]?.text === 'COMMIT') throw new Error('refused')
      return statements.map(() => nothing)
    }
    await expect(new Database(connection).transaction(async () => 1)).rejects.toThrow('refused')
    expect(connection.sent).toEqual([['BEGIN IMMEDIATE'], ['COMMIT'], ['ROLLBACK']])
  })

  test('a BEGIN that the engine refuses lets the next caller in', async () => {
    const connection = fakeConnection()
    connection.answer = async () => {
      throw new Error('refused')
    }
    const db = new Database(connection)
    await expect(db.transaction(async () => 1)).rejects.toThrow('refused')
    connection.answer = async (statements) => statements.map(() => nothing)
    await expect(db.transaction(async () => 2)).resolves.toBe(2)
  })

  test('a body that throws no error but a value rejects with that value', async () => {
    const db = await openDatabase()
    // oxlint-disable-next-line no-throw-literal -- that is what is tested
    await expect(db.transaction(() => Promise.reject('a text'))).rejects.toBe('a text')
    await db.close()
  })

  test('a body that throws before its first await rolls back too', async () => {
    const db = await openDatabase()
    const fault = new Error('at once')
    const body = () => {
      throw fault
    }
    await expect(db.transaction(body)).rejects.toBe(fault)
    await expect(db.execute(sql`INSERT INTO a VALUES (1)`)).resolves.toMatchObject({ changes: 1 })
    await db.close()
  })
})

describe('closing', () => {
  test('two calls of close are one', async () => {
    const connection = fakeConnection()
    let closes = 0
    connection.close = async () => void (closes += 1)
    const db = new Database(connection)
    await Promise.all([db.close(), db.close()])
    await db.close()
    expect(closes).toBe(1)
  })

  test('calls that wait for a transaction are still answered', async () => {
    const db = await openDatabase()
    const transaction = db.transaction(async (tx) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await tx.execute(sql`INSERT INTO a VALUES (1)`)
    })
    const waiting = db.query(sql`SELECT n FROM a`)
    await db.close()
    await transaction
    expect(await waiting).toEqual([{ n: 1 }])
  })

  test('inside a transaction it is refused, since it would wait for itself', async () => {
    const db = await openDatabase()
    await expect(db.transaction(() => db.close())).rejects.toMatchObject({ code: 'locked' })
    await expect(db.query(sql`SELECT n FROM a`)).resolves.toEqual([])
    await db.close()
  })
})

describe('listeners', () => {
  test('none hears of anything after it was stopped, or after close', async () => {
    const db = await openDatabase()
    const heard: string[] = []
    const stop = db.onChange(() => heard.push('stopped'))
    db.onChange(() => heard.push('kept'))
    stop()
    await db.execute(sql`INSERT INTO a VALUES (1)`)
    await db.close()
    expect(heard).toEqual(['kept'])
  })

  test('a write started by a listener is not taken for part of the transaction it was told of', async () => {
    const db = await openDatabase()
    let written: Promise<unknown> | undefined
    db.onChange(() => (written ??= db.execute(sql`INSERT INTO a VALUES (2)`)))
    await db.transaction((tx) => tx.execute(sql`INSERT INTO a VALUES (1)`))
    await expect(written).resolves.toMatchObject({ changes: 1 })
    await db.close()
  })
})
