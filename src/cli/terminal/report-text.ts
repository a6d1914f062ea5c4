import type { Repair } from '../../db/migration/component.ts'
import type { LaunchReport } from '../../db/migration/launch-report.ts'
import { shortenDid } from '../../errors/index.ts'
import { findDuplicateAccounts } from '../../identity/duplicates.ts'
import { adviceFor, duplicatesCommand } from '../advice.ts'
import { withFile } from '../open-file.ts'
import { formatDuration } from './amounts.ts'
import type { Terminal } from './terminal.ts'

/** A launch report for people: what was done, what was put right, what waits and why, and what to do next. */
export async function reportText(report: LaunchReport, to: { terminal: Terminal; file: string }): Promise<string> {
  const { terminal, file } = to
  const lines = [
    ...report.adopted.map((name) => `${name}: the database has this already`),
    ...report.repairs.map((repair) => `Repaired ${describeRepair(repair)}. The old value is kept for a rollback.`),
    ...(report.held.length > 0 ? [`Held: ${report.held.join(', ')}`] : []),
    ...report.warnings.map((warning) => `${terminal.paint('yellow', 'Note:')} ${warning}`),
  ]
  for (const line of lines) terminal.say(line)
  if (!report.error) return `${headline(report)} (${formatDuration(report.durationMs)})`
  const { code, message } = report.error
  terminal.say(`${terminal.paint('red', `${report.outcome}, ${code}:`)} ${message}`)
  if (report.backup) terminal.say(`The copy from before: ${report.backup}`)
  for (const line of adviceFor(code, file)) terminal.say(line)
  if (code === 'duplicate-dids' && !terminal.json) {
    const duplicates = await withFile(file, 'read', ({ db }) => findDuplicateAccounts(db))
    terminal.say(`To keep the oldest of each:\n  ${duplicatesCommand(file, duplicates)}`)
  }
  return ''
}

function headline({ outcome, applied }: LaunchReport): string {
  if (outcome === 'current') return 'The database is current: nothing to do.'
  const done = applied.length > 0 ? `Migrated: ${applied.join(', ')}.` : 'Nothing had to be changed.'
  return outcome === 'repaired' ? `${done} Wrong data was put right.` : done
}

/** Where a wrong value was, and what kind of value; never the value. */
export function describeRepair({ kind, table, column, value }: Repair): string {
  const was =
    value === null ? 'NULL' : value === '' ? 'empty' : value.startsWith('did:') ? shortenDid(value) : 'a value'
  return `${table}.${column}: ${kind}, was ${was}`
}
