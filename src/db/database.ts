import { DataLayerError } from '../errors/index.ts'
import type { DriverConnection, ResultSet } from './driver.ts'
import { ChangeFeed, type ChangeListener } from './change-feed.ts'
import { firstRow, toRows, type Row } from './rows.ts'
import { checkStatement, type CheckedStatement, type Statement } from './statement.ts'
import { TransactionGate } from './transaction-gate.ts'
import { verifyDatabase, type VerifyReport } from './verify.ts'

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
  #closed = false

  constructor(connection: DriverConnection) {
    this.#connection = connection
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

  /**
   * Runs `body` in one transaction that starts by taking the write lock. It commits when `body` resolves and rolls back
   * when it throws. Transactions of one database run one after the other; inside one, use `tx`.
   *
   * @throws whatever `body` throws, after the rollback
   * @throws {DataLayerError} `locked` when called from inside another transaction's callback
   */
  async transaction<T>(body: (tx: Queryable) => Promise<T>): Promise<T> {
    this.#mustBeOpen()
    const touched = new Set<string>()
    const result = await this.#gate.hold(async (touch) => {
      const session = await this.#connection.reserve()
      let open = true
      const run = async (statements: readonly CheckedStatement[]) => {
        if (!open) throw new DataLayerError('closed', 'This transaction is over.')
        touch()
        const results = await session.run(statements).finally(touch)
        for (const { tables } of results) for (const table of tables) touched.add(table)
        return results
      }
      try {
        await session.run([{ text: 'BEGIN IMMEDIATE', params: [] }])
        touch()
        const value = await body(transactionScope(run))
        open = false
        await session.run([{ text: 'COMMIT', params: [] }])
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
    await this.#gate.pass()
    return this.#connection.export()
  }

  /** Ends the calls under way, then closes the connection. Every call after it rejects with `closed`. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#changes.end()
    await this.#connection.close()
  }

  async #runOne(statement: Statement): Promise<ResultSet> {
    const [result] = await this.#run([checkStatement(statement)], false)
    if (!result) throw new DataLayerError('sqlite', 'The engine gave no result for the statement.')
    return result
  }

  async #run(statements: readonly CheckedStatement[], transaction: boolean): Promise<ResultSet[]> {
    this.#mustBeOpen()
    await this.#gate.pass()
    const results = await this.#connection.run(statements, { transaction })
    this.#emit(new Set(results.flatMap(({ tables }) => tables)))
    return results
  }

  #emit(tables: ReadonlySet<string>): void {
    if (tables.size > 0) this.#gate.outside(() => this.#changes.emit([...tables]))
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new DataLayerError('closed')
  }
}

/** The `tx` of a transaction: the same four calls, on its session. */
export function transactionScope(run: (statements: readonly CheckedStatement[]) => Promise<ResultSet[]>): Queryable {
  const one = async (statement: Statement) => {
    const [result] = await run([checkStatement(statement)])
    if (!result) throw new DataLayerError('sqlite', 'The engine gave no result for the statement.')
    return result
  }
  return {
    query: async <R extends Row = Row>(statement: Statement) => toRows<R>(await one(statement)),
    queryOne: async <R extends Row = Row>(statement: Statement) => firstRow<R>(await one(statement)),
    execute: async (statement) => toExecuteResult(await one(statement)),
    batch: (statements) => run(statements.map(checkStatement)),
  }
}

function toExecuteResult({ changes, lastInsertId }: ResultSet): ExecuteResult {
  return lastInsertId === undefined ? { changes } : { changes, lastInsertId }
}
