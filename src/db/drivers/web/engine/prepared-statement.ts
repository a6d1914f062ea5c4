import { DataLayerError } from '../../../../errors/index.ts'
import { decodeInteger, type SqlValue } from '../../../values.ts'
import type { SqliteModule } from './wasm-types.ts'

const row = 100
const done = 101
const type = { integer: 1, float: 2, text: 3, blob: 4 }
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** One compiled statement, bound and read through SQLite's C functions. */
export class PreparedStatement {
  readonly #module: SqliteModule
  readonly #statement: number
  readonly #check: (code: number) => void

  /** @param check throws what SQLite has to say when a result code is not 0 */
  constructor(module: SqliteModule, statement: number, check: (code: number) => void) {
    this.#module = module
    this.#statement = statement
    this.#check = check
  }

  /** Runs it from the start and gives all rows. */
  all(values: readonly SqlValue[]): SqlValue[][] {
    const { exports } = this.#module.wasm
    const statement = this.#statement
    try {
      values.forEach((value, index) => this.#bind(index + 1, value))
      const rows: SqlValue[][] = []
      for (;;) {
        const code = exports.sqlite3_step(statement)
        if (code === done) return rows
        if (code !== row) this.#check(code)
        rows.push(this.#row(exports.sqlite3_column_count(statement)))
      }
    } finally {
      exports.sqlite3_reset(statement)
      if (values.length > 0) exports.sqlite3_clear_bindings(statement)
    }
  }

  /** The names of its columns. Read after a run: SQLite compiles `SELECT *` anew when the schema has changed. */
  columns(): string[] {
    const { exports, cstrToJs } = this.#module.wasm
    return Array.from({ length: exports.sqlite3_column_count(this.#statement) }, (_, column) =>
      cstrToJs(exports.sqlite3_column_name(this.#statement, column)),
    )
  }

  finalize(): void {
    this.#module.wasm.exports.sqlite3_finalize(this.#statement)
  }

  #row(count: number): SqlValue[] {
    const cells = Array<SqlValue>(count)
    for (let column = 0; column < count; column += 1) cells[column] = this.#cell(column)
    return cells
  }

  #cell(column: number): SqlValue {
    const { exports, heap8u } = this.#module.wasm
    const statement = this.#statement
    switch (exports.sqlite3_column_type(statement, column)) {
      case type.integer: {
        // A double holds all but the widest integers, and crosses from wasm faster than a bigint.
        const value = exports.sqlite3_column_double(statement, column)
        return Number.isSafeInteger(value) ? value : decodeInteger(exports.sqlite3_column_int64(statement, column))
      }
      case type.float:
        return exports.sqlite3_column_double(statement, column)
      case type.text: {
        const start = exports.sqlite3_column_text(statement, column)
        return decoder.decode(heap8u().subarray(start, start + exports.sqlite3_column_bytes(statement, column)))
      }
      case type.blob: {
        const start = exports.sqlite3_column_blob(statement, column)
        return heap8u().slice(start, start + exports.sqlite3_column_bytes(statement, column))
      }
      default:
        return null
    }
  }

  #bind(place: number, value: SqlValue): void {
    const { exports } = this.#module.wasm
    const statement = this.#statement
    if (value === null) this.#check(exports.sqlite3_bind_null(statement, place))
    else if (typeof value === 'bigint') this.#check(exports.sqlite3_bind_int64(statement, place, value))
    else if (typeof value === 'number') {
      // 5 bound as a double would be 5.0 in a column without affinity.
      const code = Number.isSafeInteger(value)
        ? exports.sqlite3_bind_int64(statement, place, BigInt(value))
        : exports.sqlite3_bind_double(statement, place, value)
      this.#check(code)
    } else {
      const bytes = typeof value === 'string' ? encoder.encode(value) : value
      const bind = typeof value === 'string' ? exports.sqlite3_bind_text : exports.sqlite3_bind_blob
      // SQLite frees it, also when it refuses it.
      const address = allocate(this.#module, bytes)
      this.#check(bind(statement, place, address, bytes.length, this.#module.capi.SQLITE_WASM_DEALLOC))
    }
  }
}

/** A copy of bytes in SQLite's memory. Never at address 0, which would bind NULL for an empty value. */
export function allocate({ wasm }: SqliteModule, bytes: Uint8Array): number {
  const address = wasm.exports.sqlite3_malloc(Math.max(1, bytes.length))
  if (address === 0)
    throw new DataLayerError('sqlite', 'Out of memory.', {
      sqlite: { primary: 'SQLITE_NOMEM', extended: 'SQLITE_NOMEM' },
    })
  wasm.heap8u().set(bytes, address)
  return address
}
