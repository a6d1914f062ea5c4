import type { DataLayerError } from '../errors/index.ts'
import type { ResultSet, RunOptions } from './driver.ts'
import { failedStatement } from './failed-statement.ts'
import { hideValues } from './hide-values.ts'
import { checkParameterCount } from './parameters.ts'
import type { CheckedStatement } from './statement.ts'

/** What a batch needs of the engine it runs on. Both run one statement, now, and reject with whatever the engine says. */
export interface BatchEngine {
  runOne(statement: CheckedStatement): Promise<ResultSet>
  /** Sends BEGIN IMMEDIATE, COMMIT or ROLLBACK. */
  control(text: 'BEGIN IMMEDIATE' | 'COMMIT' | 'ROLLBACK'): Promise<void>
  coded(error: unknown): DataLayerError
}

/**
 * Runs statements in order, in one transaction when asked. Every statement's values are counted before the first one runs.
 *
 * @throws {DataLayerError} with `details.statement`, the place of the one that failed, from 0
 */
export async function runBatch(
  engine: BatchEngine,
  statements: readonly CheckedStatement[],
  { transaction = false }: RunOptions,
): Promise<ResultSet[]> {
  let index = 0
  const next = (at: number) => (index = at)
  try {
    for (const [at, statement] of statements.entries()) {
      next(at)
      checkParameterCount(statement)
    }
    next(0)
    if (!transaction) return await runAll(engine, statements, next)
    await engine.control('BEGIN IMMEDIATE')
    try {
      const results = await runAll(engine, statements, next)
      await engine.control('COMMIT')
      return results
    } catch (error) {
      // SQLite has ended some transactions by itself (a full disk, ON CONFLICT ROLLBACK); then there is none to end.
      await engine.control('ROLLBACK').catch(() => undefined)
      throw error
    }
  } catch (error) {
    throw failedStatement(hideValues(engine.coded(error), statements[index]?.params ?? []), index)
  }
}

async function runAll(
  engine: BatchEngine,
  statements: readonly CheckedStatement[],
  next: (at: number) => void,
): Promise<ResultSet[]> {
  const results: ResultSet[] = []
  for (const [at, statement] of statements.entries()) {
    next(at)
    results.push(await engine.runOne(statement))
  }
  return results
}
