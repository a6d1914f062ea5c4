import type { SqljsDatabase, SqljsStatement } from './sqljs-types.ts'

const size = 200

/** Prepared statements by text, the ones used longest ago freed first: sql.js keeps them until told otherwise. */
export class StatementCache {
  readonly #database: SqljsDatabase
  readonly #statements = new Map<string, SqljsStatement>()

  constructor(database: SqljsDatabase) {
    this.#database = database
  }

  get(text: string): SqljsStatement {
    let statement = this.#statements.get(text)
    if (statement) this.#statements.delete(text)
    else statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    for (const [oldest, { free }] of this.#statements) {
      if (this.#statements.size <= size) break
      free.call(this.#statements.get(oldest))
      this.#statements.delete(oldest)
    }
    return statement
  }
}
