import type { ResultSet } from '../../../driver.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { transactionControl } from '../../../transaction-control.ts'

/** Follows what a session writes, so that others are told of it when it is committed and not before. */
export class SessionEffects {
  readonly #tables = new Set<string>()
  #transaction: 'none' | 'begun' | 'savepoint' = 'none'

  /** @returns the tables that are committed now */
  after(statements: readonly CheckedStatement[], results: readonly ResultSet[]): string[] {
    let ended = false
    results.forEach(({ tables }, index) => {
      for (const table of tables) this.#tables.add(table)
      const control = transactionControl(statements[index]?.text ?? '')
      if (control === 'begin') this.#transaction = 'begun'
      else if (control === 'savepoint' && this.#transaction === 'none') this.#transaction = 'savepoint'
      else if (control === 'commit') this.#transaction = 'none'
      else if (control === 'rollback') {
        this.#transaction = 'none'
        this.#tables.clear()
      } else if (control === 'release') ended ||= this.#transaction === 'savepoint'
    })
    if (this.#transaction === 'none') return this.rest()
    // Which savepoint was the outermost is not known here: told now, and once more when the session ends.
    return ended ? [...this.#tables] : []
  }

  /** What may have been committed without a statement that says so. */
  rest(): string[] {
    const tables = this.#transaction === 'begun' ? [] : [...this.#tables]
    this.#tables.clear()
    return tables
  }
}
