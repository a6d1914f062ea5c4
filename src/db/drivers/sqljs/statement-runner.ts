import type { ResultSet, RunOptions } from '../../driver.ts'
import { RowCounter } from '../../row-counts.ts'
import { runBatch, type BatchEngine } from '../../run-batch.ts'
import type { CheckedStatement } from '../../statement.ts'
import { transactionControl } from '../../transaction-control.ts'
import { decodeInteger, type SqlValue } from '../../values.ts'
import { WrittenTables } from '../../written-tables.ts'
import { bindExactly } from './exact-integers.ts'
import { codedError } from './sqljs-error.ts'
import type { SqljsCell, SqljsDatabase, SqljsStatement, SqljsValue } from './sqljs-types.ts'
import { StatementCache } from './statement-cache.ts'

/** Runs batches on one sql.js database. */
export class SqljsStatementRunner {
  readonly #statements: StatementCache
  readonly #writtenTables: WrittenTables
  readonly #counter: RowCounter
  readonly #engine: BatchEngine
  /** Written since the last commit that was noticed, and committed since the last save. */
  #written = false
  #committed = false

  constructor(database: SqljsDatabase) {
    this.#statements = new StatementCache(database)
    const readCompiledNow = (text: string) => {
      const statement = database.prepare(text)
      try {
        return rowsOf(statement, [])
      } finally {
        statement.free()
      }
    }
    this.#writtenTables = new WrittenTables((text) => this.read(text), readCompiledNow)
    this.#counter = new RowCounter((text) => this.read(text))
    this.#engine = {
      runOne: async (statement) => this.#runOne(statement),
      control: async (text) => {
        this.read(text)
        if (text === 'ROLLBACK') this.#written = false
      },
      coded: (error) => codedError(error, (table) => this.#primaryKeyOf(table)),
    }
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    try {
      return await runBatch(this.#engine, statements, options)
    } catch (error) {
      this.#writtenTables.forget()
      throw error
    }
  }

  /** Rows of a statement without parameters. */
  read(text: string, values: readonly SqljsValue[] = []): SqljsCell[][] {
    return rowsOf(this.#statements.get(text), values)
  }

  /** Whether there may be something, no transaction being open, that was committed since the last call of {@link saved}. */
  get unsaved(): boolean {
    return this.#written || this.#committed
  }

  /** Says that an image holds everything that was committed. */
  saved(): void {
    this.#written = this.#committed = false
  }

  /** Whether a transaction is open. sql.js does not say, but SQLite refuses a second one. */
  inTransaction(): boolean {
    try {
      this.read('BEGIN')
    } catch {
      return true
    }
    this.read('COMMIT')
    return false
  }

  #runOne(statement: CheckedStatement): ResultSet {
    const { text, values } = bindExactly(statement)
    // Compiled first, so that what SQLite has against a text is said of that text and not of its EXPLAIN.
    const compiled = this.#statements.get(text)
    const effects = this.#writtenTables.of(text)
    const control = transactionControl(text)
    this.#written ||= effects.writes && !control
    const run = () => this.read(text, values)
    const { result, counts } = effects.writes
      ? this.#counter.around(effects, run)
      : { result: run(), counts: { changes: 0 } }
    // A rollback takes the schema back, its version number included.
    if (effects.changesSchema || control?.startsWith('rollback')) this.#writtenTables.forget()
    if (control === 'commit') this.#committed ||= this.#written
    if (control === 'commit' || control === 'rollback') this.#written = false
    // A column without a name is called by its text: not by the one we made of it.
    const named = text === statement.text ? compiled : this.#statements.get(statement.text)
    return {
      columns: named.getColumnNames(),
      rows: result.map((row) => row.map(decode)),
      tables: effects.tables,
      ...counts,
    }
  }

  #primaryKeyOf(table: string): string[] {
    return this.read('SELECT name FROM pragma_table_info(?) WHERE pk > 0', [table]).map(([name]) => String(name))
  }
}

function rowsOf(statement: SqljsStatement, values: readonly SqljsValue[]): SqljsCell[][] {
  try {
    statement.bind(values)
    const rows: SqljsCell[][] = []
    while (statement.step()) rows.push(statement.get(null, { useBigInt: true }))
    return rows
  } finally {
    statement.reset()
  }
}

function decode(value: SqljsCell): SqlValue {
  return typeof value === 'bigint' ? decodeInteger(value) : value
}
