import type { LaunchEvent } from 'selfsame'

/** One patch as it runs: which statement it is at, rows written so far, time since the launch began. */
export interface LaunchStep {
  patch: string
  statement: number
  statements: number | null
  rows: number
  elapsedMs: number
}

/** What a launch has told so far, in the form in which it is shown. */
export interface LaunchProgress {
  message: string
  done: number
  total: number | null
  steps: LaunchStep[]
}

export function startProgress(): LaunchProgress {
  return { message: '', done: 0, total: null, steps: [] }
}

export function follow(progress: LaunchProgress, event: LaunchEvent): void {
  switch (event.type) {
    case 'waiting':
      progress.message = 'Waiting for another tab that is migrating'
      break
    case 'planned':
      progress.total = event.patches.length
      progress.message = event.patches.length > 0 ? `${event.patches.length} patches to apply` : 'Nothing to apply'
      break
    case 'backup':
      progress.message = `Backup written, ${event.bytes.toLocaleString('en')} bytes`
      break
    case 'patch':
      progress.done = event.index - 1
      progress.total = event.total
      progress.message = `Applying ${event.patch}, ${event.index} of ${event.total}`
      progress.steps.push({ patch: event.patch, statement: 0, statements: null, rows: 0, elapsedMs: event.elapsedMs })
      break
    case 'statement':
      advance(progress, event.patch, (step) => {
        step.statement = event.index
        step.statements = event.total
        step.rows += event.rows
        step.elapsedMs = event.elapsedMs
      })
      break
    case 'progress':
      advance(progress, event.patch, (step) => {
        step.elapsedMs = event.elapsedMs
      })
      progress.message = `${event.patch}: ${event.done}${event.total === null ? '' : ` of ${event.total}`} rows`
      break
    case 'finished':
      progress.done = progress.total ?? 0
      progress.message = `Launch ${event.outcome} after ${Math.round(event.elapsedMs)} ms`
      break
  }
}

function advance(progress: LaunchProgress, patch: string, change: (step: LaunchStep) => void): void {
  const step = progress.steps.find((each) => each.patch === patch)
  if (step) change(step)
}
