import { decodeInteger } from './values.ts'
import type { RowReader, StatementEffects } from './written-tables.ts'

export interface RowCounts {
  readonly changes: number
  readonly lastInsertId?: number | bigint
}

/**
 * How many rows a statement wrote, and the rowid it put in last. SQLite's own counters keep an earlier statement's value:
 * `changes()` after DDL and after a write that met no row, `last_insert_rowid()` after everything but an INSERT.
 */
export class RowCounter {
  readonly #read: RowReader
  #total: number

  constructor(read: RowReader) {
    this.#read = read
    this.#total = Number(this.#read('SELECT total_changes()')[0]?.[0])
  }

  /** Runs a statement that writes, and counts. */
  around<T>(effects: StatementEffects, run: () => T): { result: T; counts: RowCounts } {
    const lastBefore = effects.upserts ? Number(this.#read('SELECT last_insert_rowid()')[0]?.[0]) : undefined
    const result = run()
    const [changed, total, last] = this.#read('SELECT changes(), total_changes(), last_insert_rowid()')[0] ?? []
    const moved = Number(total) !== this.#total
    this.#total = Number(total)
    const changes = moved && !effects.changesSchema ? Number(changed) : 0
    // An upsert that became an update leaves the rowid of an earlier insert.
    const inserted = effects.inserts && changes > 0 && Number(last) !== lastBefore
    return { result, counts: inserted ? { changes, lastInsertId: decodeInteger(BigInt(last as bigint)) } : { changes } }
  }
}
