import type { ResultSet } from './driver.ts'
import type { CheckedStatement } from './statement.ts'

/** Runs statements inside a transaction that somebody has begun. */
export type RunInTransaction = (statements: readonly CheckedStatement[]) => Promise<ResultSet[]>

/**
 * Runs nothing more once SQLite has rolled the transaction back by itself, as it does after some failures (ON CONFLICT
 * ROLLBACK, RAISE(ROLLBACK), a full disk): every further statement would commit on its own.
 *
 * @param refusal the error of every further call, from the failure that ended the transaction
 */
export function whileOpen(run: RunInTransaction, refusal: (failure: unknown) => Error): RunInTransaction {
  let failure: { readonly error: unknown } | undefined
  let isOver = false
  return async (statements) => {
    if (failure && !isOver) isOver = await wasRolledBack(run)
    if (failure && isOver) throw refusal(failure.error)
    failure = undefined
    try {
      return await run(statements)
    } catch (error) {
      failure = { error }
      throw error
    }
  }
}

/** Asks by opening a transaction, which SQLite refuses inside one. */
async function wasRolledBack(run: RunInTransaction): Promise<boolean> {
  return run([{ text: 'BEGIN', params: [] }]).then(
    () => true,
    () => false,
  )
}
