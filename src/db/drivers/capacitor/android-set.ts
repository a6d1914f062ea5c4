import { afterCommit } from './after-commit.ts'
import type { BoundStatement } from './bound-values.ts'
import type { Bridge } from './bridge.ts'
import type { PluginRow } from './plugin.ts'
import type { Counts, SetAnswer, SetStep } from './set-step.ts'

const control = (text: string): BoundStatement => ({ text, values: [] })
// Without rowids, so that last_insert_rowid() stays the app's.
const makeTable = control(
  'CREATE TEMP TABLE IF NOT EXISTS selfsame_counts (place INTEGER PRIMARY KEY, changes, total, last) WITHOUT ROWID',
)
const emptyTable = control('DELETE FROM temp.selfsame_counts')
const noteCounts = control(
  'INSERT INTO temp.selfsame_counts SELECT count(*), changes(), total_changes(), last_insert_rowid() FROM temp.selfsame_counts',
)
/** The counters noted so far, as one text. */
export const notedCounts = `(SELECT group_concat(changes || ',' || total || ',' || last, ';') FROM (SELECT * FROM temp.selfsame_counts ORDER BY place))`

/**
 * Android's executeSet gives no rows and takes no statement that has any (Database.java, prepareSQL compiles for
 * executeUpdateDelete). So writes that follow each other go in one call, each with a note of SQLite's counters; reads go
 * one by one, and the last of them, or one call more, brings the notes.
 */
export async function runOnAndroid(bridge: Bridge, steps: readonly SetStep[]): Promise<SetAnswer> {
  const reads: (readonly PluginRow[])[] = []
  let waiting = [makeTable, control('BEGIN IMMEDIATE'), emptyTable, noteCounts]
  let noted: unknown
  for (const step of steps) {
    if (!('take' in step)) {
      waiting.push(step.bound, noteCounts)
      continue
    }
    if (waiting.length > 0) await bridge.runSet(waiting)
    waiting = []
    const { rows } = await bridge.query(step.bound)
    reads.push(rows)
    noted = rows[0]?.['selfsame#counts']
  }
  const readIsLast = waiting.length === 0
  if (readIsLast) await bridge.query(control('COMMIT'))
  else {
    await bridge.runSet([...waiting, control('COMMIT')])
    const { rows } = await afterCommit(() => bridge.query(control(`SELECT ${notedCounts} AS noted`)))
    noted = rows[0]?.['noted']
  }
  return { reads, counts: countsOf(String(noted)) }
}

function countsOf(noted: string): Counts[] {
  return noted.split(';').map((line, index) => {
    const [changes, total, last] = line.split(',')
    // Each note before this one was a row written too.
    return { changes: Number(changes), total: Number(total) - index, last: String(last) }
  })
}
