import type { BoundStatement } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import type { PluginRow } from './plugin.ts'
import type { Counts, SetAnswer, SetStep } from './set-step.ts'

const mark: BoundStatement = {
  text: `SELECT 1 AS "selfsame#mark", changes() AS changes, total_changes() AS total, CAST(last_insert_rowid() AS TEXT) AS last`,
  values: [],
}
const control = (text: string): BoundStatement => ({ text, values: [] })

/**
 * One call: with returnMode 'all' iOS runs every statement of a set as it is, and gives all their rows in one list
 * (UtilsSQLCipher.swift, prepareSQL, executeSet). Rows of ours stand between those of two statements.
 */
export async function runOnIos(bridge: Bridge, steps: readonly SetStep[]): Promise<SetAnswer> {
  const statements = steps.flatMap(({ bound }) => [bound, mark])
  const rows = await bridge.runSet([mark, control('BEGIN IMMEDIATE'), ...statements, control('COMMIT')])
  const reads: PluginRow[][] = []
  const counts: Counts[] = []
  let current: PluginRow[] = []
  let index = -1
  for (const row of rows) {
    if (row['selfsame#mark'] !== 1) {
      current.push(row)
      continue
    }
    const step = steps[index]
    if (step && 'take' in step) reads.push(current)
    else counts.push({ changes: Number(row['changes']), total: Number(row['total']), last: String(row['last']) })
    current = []
    index += 1
  }
  return { reads, counts }
}
