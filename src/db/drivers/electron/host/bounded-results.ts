import { AnswerBudget } from '../../../answer-budget.ts'
import type { ResultSet } from '../../../driver.ts'

/** Bytes of all values that one call may answer, each character counted as two. */
export const mostAnswerBytes = 256 * 1024 * 1024

/**
 * Refuses to carry across what would fill main and the window: SQLite itself makes values of up to a gigabyte.
 *
 * @throws {DataLayerError} `unsupported`, or `outcome-unknown` when something was written too
 */
export function boundedResults(results: readonly ResultSet[]): void {
  const budget = new AnswerBudget(mostAnswerBytes)
  budget.wrote = results.some(({ tables }) => tables.length > 0)
  for (const { rows } of results) for (const row of rows) budget.take(row)
}
