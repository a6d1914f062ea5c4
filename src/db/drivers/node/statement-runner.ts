import type { SQLOutputValue } from 'node:sqlite'
import type { ResultSet, RunOptions } from '../../driver.ts'
import { AnswerBudget } from '../../answer-budget.ts'
import { RowCounter } from '../../row-counts.ts'
import { runBatch, type BatchEngine } from '../../run-batch.ts'
import type { CheckedStatement } from '../../statement.ts'
import { statementPurpose } from '../../statement-purpose.ts'
import { transactionControl } from '../../transaction-control.ts'
import { decodeInteger, type SqlValue } from '../../values.ts'
import { WrittenTables } from '../../written-tables.ts'
import { longestWait, whenFree } from './busy-retry.ts'
import type { EngineDatabase, EngineStatement } from './engine.ts'
import { codedError } from './node-error.ts'
import { StatementCache } from './statement-cache.ts'

type Row = SQLOutputValue[]

/** Runs batches on one database of Node's own SQLite, or of one that stands in for it. */
export class NodeStatementRunner {
  readonly #database: EngineDatabase
  readonly #statements: StatementCache
  readonly #writtenTables: WrittenTables
  readonly #counter: RowCounter
  readonly #engine: BatchEngine
  /** Of the batch that is run now. */
  #wait = longestWait
  #budget: AnswerBudget | undefined

  constructor(database: EngineDatabase) {
    this.#database = database
    this.#statements = new StatementCache(database)
    const read = (text: string) => this.#statements.get(text).all() as unknown as Row[]
    const readCompiledNow = (text: string) => this.#statements.prepare(text).all() as unknown as Row[]
    this.#writtenTables = new WrittenTables(read, readCompiledNow)
    this.#counter = new RowCounter(read)
    this.#engine = {
      runOne: (statement) => this.#runOne(statement),
      control: (text) => whenFree(() => this.#database.exec(text), undefined, this.#wait),
      coded: codedError,
    }
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    this.#wait = options.lockTimeoutMs ?? longestWait
    const { mostAnswerBytes } = options
    this.#budget = mostAnswerBytes === undefined ? undefined : new AnswerBudget(mostAnswerBytes)
    try {
      return await runBatch(this.#engine, statements, options)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** Forgets what it knows of the schema: it may have been rolled back, or replaced by somebody else. */
  forget(): void {
    this.#writtenTables.forget()
  }

  #runOne({ text, params }: CheckedStatement): Promise<ResultSet> {
    // Outside a transaction, and at its first and last step, a statement that met a lock has had no effect. Inside one,
    // waiting could last for ever: the other may be waiting for us. A read that meets a lock has none itself, though: it is
    // the first of a transaction that only reads.
    const mayRetry = () =>
      !this.#database.isTransaction || transactionControl(text) === 'commit' || statementPurpose(text) === 'read'
    return whenFree(() => this.#step(text, params), mayRetry, this.#wait)
  }

  #step(text: string, params: readonly SqlValue[]): ResultSet {
    const statement = this.#statements.get(text)
    const effects = this.#writtenTables.of(text)
    const budget = this.#budget
    if (budget && effects.writes) budget.wrote = true
    const run = () => {
      if (!budget) return allRows(statement, params)
      try {
        return stepped(statement, params, budget)
      } catch (error) {
        // Iterated again, node:sqlite would say this run's error: its reset answers it once more.
        this.#statements.drop(text)
        throw error
      }
    }
    const { result, counts } = effects.writes
      ? this.#counter.around(effects, run)
      : { result: run(), counts: { changes: 0 } }
    // A rollback takes the schema back, its version number included.
    if (effects.changesSchema || transactionControl(text)?.startsWith('rollback')) this.forget()
    // The columns are read after the run: SQLite compiles SELECT * anew when the schema has changed.
    const columns = statement.columns().map(({ name }) => name)
    return { columns, rows: result.map((row) => row.map(decode)), tables: effects.tables, ...counts }
  }
}

function allRows(statement: EngineStatement, params: readonly SqlValue[]): Row[] {
  return statement.all(...params.map(bindable)) as unknown as Row[]
}

function stepped(statement: EngineStatement, params: readonly SqlValue[], budget: AnswerBudget): Row[] {
  const rows: Row[] = []
  for (const row of statement.iterate(...params.map(bindable)) as Iterable<Row>) {
    budget.take(row)
    rows.push(row)
  }
  return rows
}

// node:sqlite binds every number as a double: 5 would be 5.0 in a column without affinity, and '5.0' in one of text.
function bindable(value: SqlValue): SqlValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

function decode(value: SQLOutputValue): SqlValue {
  return typeof value === 'bigint' ? decodeInteger(value) : value
}
