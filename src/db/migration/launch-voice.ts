import { DataLayerError } from '../../errors/index.ts'
import type { Repair } from './component.ts'
import type { StoredCopy } from '../driver.ts'
import type { LaunchEvent, LaunchListener, LaunchReport } from './launch-report.ts'
import type { PatchVoice } from './patches/patch-transaction.ts'
import type { StepWatcher } from './patches/run-steps.ts'

const faultyListener = 'The listener of this launch threw an error; the launch went on.'

type WithoutElapsed<E> = E extends unknown ? Omit<E, 'elapsedMs'> : never

/** What one launch has to tell: events as they happen, the report at the end, and whether it may go on. */
export class LaunchVoice {
  readonly #started = performance.now()
  readonly #listener: LaunchListener | undefined
  readonly #signal: AbortSignal | undefined
  readonly repairs: Repair[] = []
  readonly warnings: string[] = []
  /** Where the copy went that was made before anything was written. */
  backup: string | null = null
  /** What is committed already, piece by piece, and stays when the launch then fails. */
  committed: Pick<LaunchReport, 'applied' | 'adopted' | 'repairs'> | undefined

  constructor(listener?: LaunchListener, signal?: AbortSignal) {
    this.#listener = listener
    this.#signal = signal
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#started)
  }

  tell(event: WithoutElapsed<LaunchEvent>): void {
    try {
      this.#listener?.({ ...event, elapsedMs: this.elapsedMs } as LaunchEvent)
    } catch {
      // Its fault is the app's, and no reason to leave a database half way.
      if (!this.warnings.includes(faultyListener)) this.warnings.push(faultyListener)
    }
  }

  /** @throws {DataLayerError} `patch-failed` with `details.cancelled` when the launch was called off */
  mayGoOn(): void {
    if (!this.#signal?.aborted) return
    throw new DataLayerError('patch-failed', 'This was cancelled; what it had not committed was undone.', {
      details: { cancelled: true },
    })
  }

  backedUp({ location, bytes }: StoredCopy): void {
    this.backup = location
    this.tell({ type: 'backup', location, bytes })
  }

  /** What one patch has to tell while its steps run. */
  ofPatch(patch: string): PatchVoice & StepWatcher {
    return {
      repaired: (repair) => this.repairs.push(repair),
      warned: (message) => this.warnings.push(message),
      progressed: async ({ done, total }) => {
        this.mayGoOn()
        this.tell({ type: 'progress', patch, done, total: total ?? null })
      },
      drops: new Set(),
      mayGoOn: () => this.mayGoOn(),
      finished: (index, total, rows) => this.tell({ type: 'statement', patch, index, total, rows }),
    }
  }

  report(
    outcome: LaunchReport['outcome'],
    facts: Partial<Pick<LaunchReport, 'applied' | 'adopted' | 'held' | 'error'>>,
  ): LaunchReport {
    // Nothing is refused any more once a part of it is done.
    const ended = outcome === 'refused' && this.committed ? 'failed' : outcome
    this.tell({ type: 'finished', outcome: ended })
    return {
      outcome: ended,
      applied: facts.applied ?? this.committed?.applied ?? [],
      adopted: facts.adopted ?? this.committed?.adopted ?? [],
      held: facts.held ?? [],
      // What was rolled back was neither repaired nor worth a warning.
      repairs: outcome === 'repaired' ? this.repairs : (this.committed?.repairs ?? []),
      warnings: outcome === 'failed' || outcome === 'refused' ? [] : this.warnings,
      backup: this.backup,
      durationMs: this.elapsedMs,
      ...(facts.error ? { error: facts.error } : {}),
    }
  }
}
