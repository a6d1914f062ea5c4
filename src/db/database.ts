import { DataLayerError } from '../errors/index.ts'
import type { DriverConnection, ResultSet } from './driver.ts'
import { ChangeFeed, type ChangeListener } from './change-feed.ts'
import { countedFrom } from './failed-statement.ts'
import { firstRow, toRows, type Row } from './rows.ts'
import { checkStatement, type CheckedStatement, type Statement } from './statement.ts'
import { transactionControl } from './transaction-control.ts'
import { TransactionGate } from './transaction-gate.ts'
import { verifyDatabase, type VerifyReport } from './verify.ts'
import { whileOpen, type RunInTransaction } from './while-open.ts'

/** What a write did. `changes` counts the statement's own rows; `lastInsertId` is there after an INSERT. */
export interface ExecuteResult {
  readonly changes: number
  readonly lastInsertId?: number | bigint
}

/** Reading and writing, the same on the database and inside one of its transactions. */
export interface Queryable {
  /** All rows, as objects. Of two columns with one name the last one's value is kept: name them apart. */
  query<R extends Row = Row>(statement: Statement): Promise<R[]>
  /** The first row, or `undefined` when there is none. */
  queryOne<R extends Row = Row>(statement: Statement): Promise<R | undefined>
  execute(statement: Statement): Promise<ExecuteResult>
  /** Runs the statements in order, in one transaction and one round trip. */
  batch(statements: readonly Statement[]): Promise<ResultSet[]>
}

/**
 * One open database.
 *
 * @example
 * const rows = await db.query<{ did: string }>(sql`SELECT did FROM accounts WHERE did = ${did}`)
 * await db.transaction(async (tx) => {
 *   await tx.execute(sql`DELETE FROM contacts WHERE did = ${did}`)
 *   await tx.execute(sql`INSERT INTO logs (date, message) VALUES (${now}, 'removed')`)
 * })
 */
export class Database implements Queryable {
  readonly #connection: DriverConnection
  readonly #gate = new TransactionGate()
  readonly #changes = new ChangeFeed()
  readonly #underWay = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(connection: DriverConnection) {
    this.#connection = connection
    // What another tab committed is news here too.
    connection.onChange?.(({ tables }) => this.#emit(new Set(tables)))
  }

  async query<R extends Row = Row>(statement: Statement): Promise<R[]> {
    return toRows<R>(await this.#runOne(statement))
  }

  async queryOne<R extends Row = Row>(statement: Statement): Promise<R | undefined> {
    return firstRow<R>(await this.#runOne(statement))
  }

  async execute(statement: Statement): Promise<ExecuteResult> {
    return toExecuteResult(await this.#runOne(statement))
  }

  async batch(statements: readonly Statement[]): Promise<ResultSet[]> {
    return this.#run(statements.map(checkStatement), true)
  }

  /** One statement's result as the engine gave it: the columns' names, two of which may be the same, and rows as lists. */
  async run(statement: Statement): Promise<ResultSet> {
    return this.#runOne(statement)
  }

  /**
   * Runs `body` in one transaction that starts by taking the write lock. It commits when `body` resolves and rolls back
   * when it throws. Transactions of one database run one after the other; inside one, use `tx`.
   *
   * @throws whatever `body` throws, after the rollback
   * @throws {DataLayerError} `locked` when called from inside another transaction's callback
   */
  async transaction<T>(body: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#mustBeOpen()
    return this.#track(this.#transaction(body))
  }

  async #transaction<T>(body: (tx: Queryable) => Promise<T>): Promise<T> {
    const touched = new Set<string>()
    const result = await this.#gate.hold(async (use) => {
      const session = await use(() => this.#connection.reserve())
      let open = true
      const inside = whileOpen(
        (statements) => use(() => session.run(statements)),
        () => new DataLayerError('closed', 'SQLite has rolled this transaction back; nothing of it is kept.'),
      )
      const run = async (statements: readonly CheckedStatement[]) => {
        if (!open) throw new DataLayerError('closed', 'This transaction is over.')
        const results = await inside(statements)
        for (const { tables } of results) for (const table of tables) touched.add(table)
        return results
      }
      try {
        await use(() => session.run([{ text: 'BEGIN IMMEDIATE', params: [] }]))
        const value = await body(transactionScope(run))
        open = false
        await inside([{ text: 'COMMIT', params: [] }])
        return value
      } finally {
        open = false
        // Rolls back what is still open: a throw in the body, or a COMMIT that a deferred foreign key refused.
        await session.release()
      }
    })
    this.#emit(touched)
    return result
  }

  /** Calls `listener` after every commit that may have changed a table. Returns the function that ends it. */
  onChange(listener: ChangeListener): () => void {
    return this.#changes.listen(listener)
  }

  /** Checks the file, its foreign keys and its schema. Reads only. */
  async verify(): Promise<VerifyReport> {
    return verifyDatabase(this)
  }

  /** The database file's bytes, as of the last commit. */
  async export(): Promise<Uint8Array> {
    this.#mustBeOpen()
    return this.#track(this.#gate.pass(() => this.#connection.export()))
  }

  /**
   * Lets the calls under way finish, then closes the connection. Every call after it rejects with `closed`.
   *
   * @throws {DataLayerError} `locked` when called from inside a transaction's callback
   */
  async close(): Promise<void> {
    this.#gate.mustBeOutside()
    // The connection's own queue does not know yet of a call that waits for the gate.
    this.#closing ??= Promise.allSettled(this.#underWay)
      .then(() => this.#connection.close())
      .finally(() => this.#changes.end())
    return this.#closing
  }

  async #runOne(statement: Statement): Promise<ResultSet> {
    const [result] = await this.#run([checkStatement(statement)], false)
    if (!result) throw new DataLayerError('sqlite', 'The engine gave no result for the statement.')
    return result
  }

  async #run(statements: readonly CheckedStatement[], transaction: boolean): Promise<ResultSet[]> {
    this.#mustBeOpen()
    const results = await this.#track(this.#gate.pass(() => this.#connection.run(statements, { transaction })))
    this.#emit(new Set(results.flatMap(({ tables }) => tables)))
    return results
  }

  #emit(tables: ReadonlySet<string>): void {
    if (tables.size > 0) this.#gate.outside(() => this.#changes.emit([...tables]))
  }

  async #track<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call)
    try {
      return await call
    } finally {
      this.#underWay.delete(call)
    }
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new DataLayerError('closed')
  }
}

/** The `tx` of a transaction: the same four calls, on its session. */
export function transactionScope(run: RunInTransaction): Queryable {
  const one = async (statement: Statement) => {
    const [result] = await run([checkInside(statement)])
    if (!result) throw new DataLayerError('sqlite', 'The engine gave no result for the statement.')
    return result
  }
  return {
    query: async <R extends Row = Row>(statement: Statement) => toRows<R>(await one(statement)),
    queryOne: async <R extends Row = Row>(statement: Statement) => firstRow<R>(await one(statement)),
    execute: async (statement) => toExecuteResult(await one(statement)),
    batch: async (statements) => allOrNothing(run, statements.map(checkInside)),
  }
}

/** @throws {DataLayerError} `unsupported` for a statement that would end the transaction behind its owner's back */
function checkInside(statement: Statement): CheckedStatement {
  const checked = checkStatement(statement)
  const control = transactionControl(checked.text)
  if (control === 'begin' || control === 'commit' || control === 'rollback') {
    throw new DataLayerError(
      'unsupported',
      'This transaction ends with its callback: resolve to commit, throw to roll back.',
    )
  }
  return checked
}

const savepoint = 'selfsame_batch'

/** A batch inside a transaction: still one round trip, and a caller who catches its failure finds nothing of it. */
async function allOrNothing(run: RunInTransaction, statements: readonly CheckedStatement[]): Promise<ResultSet[]> {
  if (statements.length < 2) return run(statements)
  const mark = (text: string) => ({ text: `${text} ${savepoint}`, params: [] })
  try {
    const results = await run([mark('SAVEPOINT'), ...statements, mark('RELEASE')])
    return results.slice(1, -1)
  } catch (error) {
    // Fails only where SQLite has rolled back the whole transaction; then there is nothing left to undo.
    await run([mark('ROLLBACK TO'), mark('RELEASE')]).catch(() => undefined)
    throw countedFrom(error, 1)
  }
}

function toExecuteResult({ changes, lastInsertId }: ResultSet): ExecuteResult {
  return lastInsertId === undefined ? { changes } : { changes, lastInsertId }
}
