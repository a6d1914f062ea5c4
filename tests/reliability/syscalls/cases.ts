import { operationNames, type OperationName } from './operations.ts'
import type { JournalMode } from './templates.ts'

/** `SELFSAME_FULL=1` runs the modes that the usual run leaves out. What is run is run at every point either way. */
export const fullRun = process.env['SELFSAME_FULL'] === '1'

const journals: readonly JournalMode[] = ['delete', 'wal', 'delete, small cache']

/** Killed between their statements in every run (tests/processes), at every system call in a full one. */
const rarely: readonly OperationName[] = ['continue', 'set-up']

export interface Case {
  readonly operation: OperationName
  readonly journal: JournalMode
}

/** Every operation in every journal mode; in the usual run those of the first mode, and what else is asked for. */
export function cases(usually: (it: Case) => boolean = () => false): Case[] {
  return operationNames
    .flatMap((operation) => journals.map((journal) => ({ operation, journal })))
    .filter(({ operation, journal }) => operation !== 'restore over damage' || journal === 'delete')
    .filter((it) => fullRun || (it.journal === 'delete' && !rarely.includes(it.operation)) || usually(it))
}
