import { Migrator } from '../../db/migration/migrator.ts'
import type { Command } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { interruptible } from '../interruptible.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { launchProgress } from '../terminal/launch-progress.ts'
import { backupWishes, lockWishes } from './wishes.ts'

/** Undoes patches, newest first. */
export const rollback: Command = {
  name: 'rollback',
  description:
    'Undoes applied patches, newest first, keeping every row; back to the legacy schema unless --to says less.',
  positionals: [databaseFile],
  options: {
    to: { type: 'text', value: 'NAME', description: 'Keep this patch and those before it' },
    ...backupOptions,
    ...lockOptions,
    ...componentOptions,
  },
  async run({ values, terminal, untilInterrupted }) {
    const components = await loadComponents(values)
    const to = values.text('to')
    const waiting = lockWishes(values)
    const options = { ...backupWishes(values), ...waiting }
    const progress = launchProgress(terminal)
    const report = await withFile(
      values.argument('FILE'),
      'write',
      ({ driver, connection }) =>
        new Migrator({ driver, connection: interruptible(connection) }, components, options).rollback({
          ...(to === undefined ? {} : { to }),
          onEvent: progress.listener,
          signal: untilInterrupted(),
        }),
      waiting,
    )
    progress.end()
    for (const warning of report.warnings ?? []) terminal.say(warning)
    if (report.backup) terminal.say(`The copy from before: ${report.backup}`)
    const done = report.reverted.length > 0 ? `Undone: ${report.reverted.join(', ')}` : 'There was nothing to undo.'
    return { json: report, text: done, ok: true }
  },
}
