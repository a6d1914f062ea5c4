import { DataLayerError } from '../../../../errors/index.ts'
import type { ResultSet, RunOptions } from '../../../driver.ts'
import { RowCounter } from '../../../row-counts.ts'
import { runBatch, type BatchEngine } from '../../../run-batch.ts'
import { leadingCode } from '../../../sql-text/tokenize.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { transactionControl } from '../../../transaction-control.ts'
import { WrittenTables } from '../../../written-tables.ts'
import type { WasmDatabase } from './wasm-database.ts'

/** Runs batches on one database of SQLite's wasm. */
export class WasmStatementRunner {
  readonly #database: WasmDatabase
  readonly #writtenTables: WrittenTables
  readonly #counter: RowCounter
  readonly #engine: BatchEngine

  constructor(database: WasmDatabase) {
    this.#database = database
    const read = (text: string) => database.read(text)
    this.#writtenTables = new WrittenTables(read, (text) => database.readOnce(text))
    this.#counter = new RowCounter(read)
    this.#engine = {
      runOne: async (statement) => this.#runOne(statement),
      control: async (text) => void read(text),
      coded: codedError,
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

  #runOne({ text, params }: CheckedStatement): ResultSet {
    // Compiled first, so that what SQLite has against a text is said of that text and not of its EXPLAIN.
    const statement = this.#database.prepare(text)
    const effects = this.#writtenTables.of(text)
    const run = () =>
      isPlainVacuum(text) ? this.#database.attaching(() => statement.all(params)) : statement.all(params)
    const { result, counts } = effects.writes
      ? this.#counter.around(effects, run)
      : { result: run(), counts: { changes: 0 } }
    // A rollback takes the schema back, its version number included.
    if (effects.changesSchema || transactionControl(text)?.startsWith('rollback')) this.#writtenTables.forget()
    return { columns: statement.columns(), rows: result, tables: effects.tables, ...counts }
  }
}

/** `VACUUM`, and not `VACUUM INTO` a file. */
function isPlainVacuum(text: string): boolean {
  const [first, ...rest] = leadingCode(text, 3).map((token) => token.text.toUpperCase())
  return first === 'VACUUM' && !rest.includes('INTO')
}

/** The coded error for whatever the engine threw. */
export function codedError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  return new DataLayerError('sqlite', 'The engine failed without a SQLite code.', { cause: error })
}
