import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { failedStatement } from '../../failed-statement.ts'
import type { ResultSet, RunOptions } from '../../driver.ts'
import { checkParameterCount } from '../../parameters.ts'
import type { CheckedStatement } from '../../statement.ts'
import { transactionControl } from '../../transaction-control.ts'
import { decodeInteger, type SqlValue } from '../../values.ts'
import { WrittenTables, type StatementEffects } from '../../written-tables.ts'
import { whenFree } from './busy-retry.ts'
import { codedError } from './node-error.ts'
import { StatementCache } from './statement-cache.ts'

type Row = SQLOutputValue[]

/** Runs batches on one `node:sqlite` database. */
export class NodeStatementRunner {
  readonly #database: DatabaseSync
  readonly #statements: StatementCache
  readonly #writtenTables: WrittenTables
  #totalChanges = 0

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = new StatementCache(database)
    this.#writtenTables = new WrittenTables((text) => this.#rows(text))
  }

  async run(statements: readonly CheckedStatement[], { transaction = false }: RunOptions): Promise<ResultSet[]> {
    let index = 0
    try {
      for (const [at, statement] of statements.entries()) {
        index = at
        checkParameterCount(statement)
      }
      index = 0
      if (transaction) await this.#control('BEGIN IMMEDIATE')
      const results: ResultSet[] = []
      try {
        for (const [at, statement] of statements.entries()) {
          index = at
          results.push(await this.#runOne(statement))
        }
        if (transaction) await this.#control('COMMIT')
      } catch (error) {
        this.#writtenTables.forget()
        if (transaction && this.#database.isTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
      return results
    } catch (error) {
      throw failedStatement(codedError(error), index)
    }
  }

  /** Forgets what it knows of the schema: somebody else has replaced it. */
  forget(): void {
    this.#writtenTables.forget()
  }

  async #control(text: string): Promise<void> {
    await whenFree(() => this.#database.exec(text))
  }

  async #runOne({ text, params }: CheckedStatement): Promise<ResultSet> {
    // Outside a transaction, and at its first and last step, a statement that met a lock has had no effect. Inside one,
    // waiting could last for ever: the other may be waiting for us.
    const attempt = () => this.#step(text, params)
    return whenFree(attempt, () => !this.#database.isTransaction || transactionControl(text) === 'commit')
  }

  #step(text: string, params: readonly SqlValue[]): ResultSet {
    const statement = this.#statements.get(text)
    const effects = this.#writtenTables.of(text)
    const lastBefore = effects.upserts ? this.#lastInsertRowid() : undefined
    const rows = statement.all(...params.map(bindable)) as unknown as Row[]
    // Read after the run: SQLite compiles SELECT * anew when the schema has changed.
    const columns = statement.columns().map(({ name }) => name)
    const result = { columns, rows: rows.map((row) => row.map(decode)), changes: 0, tables: effects.tables }
    if (!effects.writes) {
      // A rollback takes the schema back, its version number included.
      if (transactionControl(text)?.startsWith('rollback')) this.#writtenTables.forget()
      return result
    }
    if (effects.changesSchema) this.#writtenTables.forget()
    return { ...result, ...this.#counts(effects, lastBefore) }
  }

  // sqlite3_changes() keeps the value of an earlier statement after DDL and after whatever else writes no row.
  #counts(effects: StatementEffects, lastBefore: bigint | undefined): { changes: number; lastInsertId?: number | bigint } {
    const [row] = this.#rows('SELECT changes(), total_changes(), last_insert_rowid()') as [[bigint, bigint, bigint]]
    const total = Number(row[1])
    const changed = total !== this.#totalChanges
    this.#totalChanges = total
    const changes = changed && !effects.changesSchema ? Number(row[0]) : 0
    const inserted = effects.inserts && changes > 0 && row[2] !== lastBefore
    return inserted ? { changes, lastInsertId: decodeInteger(row[2]) } : { changes }
  }

  #lastInsertRowid(): bigint {
    return this.#rows('SELECT last_insert_rowid()')[0]?.[0] as bigint
  }

  #rows(text: string): Row[] {
    return this.#statements.get(text).all() as unknown as Row[]
  }
}

// node:sqlite binds every number as a double: 5 would be 5.0 in a column without affinity, and '5.0' in one of text.
function bindable(value: SqlValue): SQLInputValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

function decode(value: SQLOutputValue): SqlValue {
  return typeof value === 'bigint' ? decodeInteger(value) : value
}
