import { Migrator } from '../db/migration/migrator.ts'
import type { MigrationOptions, Watching } from '../db/migration/migrator-types.ts'
import type { CommandContext } from './command.ts'
import { backupWishes, lockWishes } from './commands/wishes.ts'
import { interruptible } from './interruptible.ts'
import { loadComponents } from './load-components.ts'
import { withFile } from './open-file.ts'
import { launchProgress } from './terminal/launch-progress.ts'

/** What every change of FILE other than a launch reports. */
interface ChangeReport {
  readonly backup: string | null
  readonly warnings?: readonly string[]
}

/** Changes FILE by a migrator: with progress, called off by Ctrl-C, warnings and the copy from before told at its end. */
export async function changeFile<Report extends ChangeReport>(
  { values, terminal, untilInterrupted }: CommandContext,
  change: (migrator: Migrator, watching: Watching) => Promise<Report>,
  wishes: MigrationOptions = {},
): Promise<Report> {
  const components = await loadComponents(values)
  const waiting = lockWishes(values)
  const options = { ...wishes, ...backupWishes(values), ...waiting }
  const progress = launchProgress(terminal)
  const report = await withFile(
    values.argument('FILE'),
    'write',
    ({ driver, connection }) =>
      change(new Migrator({ driver, connection: interruptible(connection) }, components, options), {
        onEvent: progress.listener,
        signal: untilInterrupted(),
      }),
    waiting,
  )
  progress.end()
  for (const warning of report.warnings ?? []) terminal.say(warning)
  if (report.backup) terminal.say(`The copy from before: ${report.backup}`)
  return report
}
