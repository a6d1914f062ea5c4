import { DataLayerError } from '../../../errors/index.ts'
import type { ResultSet } from '../../driver.ts'
import type { CheckedStatement } from '../../statement.ts'
import { decodeInteger } from '../../values.ts'
import { afterCommit } from './after-commit.ts'
import { runOnAndroid } from './android-set.ts'
import { bindForPlugin } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import type { Effects } from './effects.ts'
import { runOnIos } from './ios-set.ts'
import type { Counts, PreparedRead, SetAnswer, SetStep } from './set-step.ts'
import { statementKind } from './statement-kind.ts'

export interface SetContext {
  prepareRead(statement: CheckedStatement): Promise<PreparedRead>
  effectsOf(text: string): Promise<Effects>
}

// Between the statements stand ours, and what these counters say would be what ours did.
const asksForCounts = /\b(?:total_)?changes\b/i

/**
 * Runs a batch in one transaction and as few calls as the platform needs: one on iOS, two on Android and a third where a
 * read comes last. Where it fails, everything is rolled back: the answer is `undefined`, and the caller has to find out why.
 */
export async function runAsSet(
  bridge: Bridge,
  statements: readonly CheckedStatement[],
  context: SetContext,
): Promise<{ readonly results: ResultSet[]; readonly lastInsertId: string } | undefined> {
  const kinds = statements.map(({ text }) => statementKind(text).kind)
  if (kinds.some((kind) => kind !== 'read' && kind !== 'write')) return undefined
  if (statements.some(({ text }) => asksForCounts.test(text))) return undefined
  const steps: SetStep[] = []
  for (const [index, statement] of statements.entries()) {
    if (kinds[index] === 'read') steps.push(await context.prepareRead(statement))
    else steps.push({ bound: bindForPlugin(statement), effects: await context.effectsOf(statement.text) })
  }
  let answer: SetAnswer
  try {
    answer = await (bridge.platform === 'ios' ? runOnIos : runOnAndroid)(bridge, steps)
  } catch (error) {
    if (error instanceof DataLayerError && error.code === 'outcome-unknown') throw error
    // Whatever it was, it comes again when the statements are run one by one.
    await bridge.query({ text: 'ROLLBACK', values: [] }).catch(() => undefined)
    return undefined
  }
  return afterCommit(() => resultsOf(steps, answer))
}

function resultsOf(
  steps: readonly SetStep[],
  { reads, counts }: SetAnswer,
): { results: ResultSet[]; lastInsertId: string } {
  let before = counts[0]
  let read = 0
  let write = 0
  const results = steps.map((step): ResultSet => {
    if ('take' in step) return step.take(reads[read++] ?? [])
    const now = counts[++write]
    if (!before || !now) throw new Error('The set gave no counts.')
    const result = written(step.effects, before, now)
    before = now
    return result
  })
  return { results, lastInsertId: before?.last ?? '0' }
}

function written({ inserts, upserts, tables }: Effects, before: Counts, now: Counts): ResultSet {
  const changes = now.total === before.total ? 0 : now.changes
  // An upsert that became an update leaves the rowid of an earlier insert.
  const inserted = inserts && changes > 0 && !(upserts && now.last === before.last)
  return {
    columns: [],
    rows: [],
    changes,
    tables,
    ...(inserted ? { lastInsertId: decodeInteger(BigInt(now.last)) } : {}),
  }
}
