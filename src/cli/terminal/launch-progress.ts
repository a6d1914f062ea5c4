import type { LaunchEvent, LaunchListener } from '../../db/migration/launch-report.ts'
import { count, formatBytes, formatDuration } from './amounts.ts'
import { progressBar } from './progress-bar.ts'
import type { Terminal } from './terminal.ts'

interface RunningPatch {
  readonly name: string
  readonly place: string
  readonly startedMs: number
  rows: number
}

interface LaunchProgress {
  readonly listener: LaunchListener
  /** Ends the line of the last patch, where no `finished` event does. */
  end(): void
}

/** Tells people on stderr how a launch goes: a line for each patch once it is through, a bar while a long one runs. */
export function launchProgress(terminal: Terminal): LaunchProgress {
  const started = performance.now()
  let running: RunningPatch | undefined
  const finish = (elapsedMs: number, done: boolean) => {
    if (!running) return
    const { name, place, rows, startedMs } = running
    const sign = done ? terminal.paint('green', 'done') : terminal.paint('red', 'failed')
    terminal.say(`${place} ${name}  ${sign}, ${count(rows, 'row')}, ${formatDuration(elapsedMs - startedMs)}`)
    running = undefined
  }
  const listener = (event: LaunchEvent) => {
    switch (event.type) {
      case 'waiting':
        terminal.say(
          event.holder === null
            ? 'Waiting for another process, which has this database locked…'
            : `Waiting for ${event.holder}, which has been migrating this database since ${event.since ?? 'a while'}…`,
        )
        break
      case 'planned':
        if (event.patches.length > 0) terminal.say(`To apply: ${event.patches.join(', ')}`)
        break
      case 'backup-progress':
        terminal.show(`Backup  ${progressBar(event.done, event.total, barWidth(terminal))}`)
        break
      case 'backup':
        terminal.say(`Backup: ${event.location} (${formatBytes(event.bytes)})`)
        break
      case 'patch':
        finish(event.elapsedMs, true)
        running = {
          name: event.patch,
          place: terminal.paint('dim', `${event.index}/${event.total}`),
          startedMs: event.elapsedMs,
          rows: 0,
        }
        terminal.show(`${running.place} ${event.patch}  …`)
        break
      case 'statement':
        if (running) running.rows += event.rows
        terminal.show(
          `${running?.place ?? ''} ${event.patch}  ${progressBar(event.index, event.total, barWidth(terminal))}`,
        )
        break
      case 'progress':
        terminal.show(
          `${running?.place ?? ''} ${event.patch}  ${progressBar(event.done, event.total, barWidth(terminal))}`,
        )
        break
      case 'finished':
        finish(event.elapsedMs, event.outcome !== 'failed' && event.outcome !== 'refused')
    }
  }
  return { listener, end: () => finish(performance.now() - started, true) }
}

// What stands before and after the bar takes about half of a line.
function barWidth({ width = 80 }: Terminal): number {
  return Math.max(10, Math.min(40, width - 40))
}
