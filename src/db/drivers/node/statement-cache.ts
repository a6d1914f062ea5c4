import type { EngineDatabase, EngineStatement } from './engine.ts'

const size = 200
/** A longer text is seldom run twice, and would be kept whole. */
const longestText = 64 * 1024

/** Prepared statements by text, the ones used longest ago dropped first. */
export class StatementCache {
  readonly #database: EngineDatabase
  readonly #statements = new Map<string, EngineStatement>()

  constructor(database: EngineDatabase) {
    this.#database = database
  }

  get(text: string): EngineStatement {
    let statement = this.#statements.get(text)
    if (statement) this.#statements.delete(text)
    else {
      statement = this.prepare(text)
      if (text.length > longestText) return statement
      const oldest = this.#statements.keys().next()
      if (this.#statements.size >= size && !oldest.done) this.#statements.delete(oldest.value)
    }
    this.#statements.set(text, statement)
    return statement
  }

  drop(text: string): void {
    this.#statements.delete(text)
  }

  /** A statement compiled now and kept by nobody. */
  prepare(text: string): EngineStatement {
    const statement = this.#database.prepare(text)
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    return statement
  }
}
