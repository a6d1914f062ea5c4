import { DataLayerError } from '../../../errors/index.ts'
import { redactLiterals } from '../../sql-text/normalise.ts'
import type { ChunkedStep, PatchStep, PatchTransaction } from '../component.ts'
import type { WriteSession, WrittenStatement } from './write-session.ts'

/** Where running steps stands, for those who watch and those who may stop it. */
export interface StepWatcher {
  /** Called after each step with the rows it wrote. */
  finished(index: number, total: number, rows: number): void
  /** Throws when the launch was cancelled. */
  mayGoOn(): void
}

/**
 * A watcher that also keeps what each step ran: a text by itself, whatever it wrote; of code, the statements that wrote.
 */
export function recordedSteps(
  session: WriteSession,
  steps: readonly PatchStep[],
  watcher: StepWatcher,
): { readonly steps: readonly WrittenStatement[]; readonly recorder: StepWatcher } {
  const recorded: WrittenStatement[] = []
  session.takeWritten()
  const finished: StepWatcher['finished'] = (index, total, rows) => {
    const text = textOf(steps[index - 1])
    const ran = session.takeWritten()
    recorded.push(...(text === undefined ? ran : [{ text, rows }]))
    watcher.finished(index, total, rows)
  }
  return { steps: recorded, recorder: { mayGoOn: () => watcher.mayGoOn(), finished } }
}

/** Runs steps in order. A failing statement's error says which one it was, its literals taken out. */
export async function runSteps(
  tx: PatchTransaction,
  steps: readonly PatchStep[],
  watcher: StepWatcher,
  rowsWritten: () => number,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    watcher.mayGoOn()
    const before = rowsWritten()
    try {
      await runStep(tx, step)
    } catch (error) {
      throw stepError(error, step, index)
    }
    watcher.finished(index + 1, steps.length, rowsWritten() - before)
  }
}

async function runStep(tx: PatchTransaction, step: PatchStep): Promise<void> {
  if (typeof step === 'string') await tx.execute({ text: step })
  else if ('text' in step) await tx.execute(step)
  else if ('run' in step) await step.run(tx)
  else {
    // Inside one transaction (a dry run, or a rollback) the pieces simply follow each other.
    let cursor: string | null = null
    do cursor = await nextPlace(step, tx, cursor)
    while (cursor !== null)
  }
}

/**
 * Runs one piece.
 *
 * @throws {DataLayerError} `patch-failed` where it does not say where the next one begins: it would begin anew for ever
 */
export async function nextPlace(step: ChunkedStep, tx: PatchTransaction, place: string | null): Promise<string | null> {
  const next: unknown = await step.next(tx, place)
  if (next === null || typeof next === 'string') return next
  throw new DataLayerError(
    'patch-failed',
    `A step in pieces returned ${next === undefined ? 'undefined' : `a ${typeof next}`}: it returns null when it is done, else a text.`,
  )
}

function stepError(error: unknown, step: PatchStep, index: number): unknown {
  if (!(error instanceof DataLayerError) || error.code !== 'sqlite') return error
  const text = textOf(step)
  return new DataLayerError('sqlite', error.message, {
    details: { step: index + 1, ...(text === undefined ? {} : { statement: redactLiterals(text) }) },
    sqlite: error.sqlite,
  })
}

function textOf(step: PatchStep | undefined): string | undefined {
  if (typeof step !== 'object') return step
  return 'text' in step ? step.text : undefined
}
