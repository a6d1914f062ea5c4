import { Migrator } from '../../db/migration/migrator.ts'
import type { Command } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { interruptible } from '../interruptible.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { launchProgress } from '../terminal/launch-progress.ts'
import { UsageError } from '../usage-error.ts'
import { backupWishes, lockWishes } from './wishes.ts'

/** Takes a component out, with every table its patches created. */
export const drop: Command = {
  name: 'drop',
  description: 'Takes a component out of the database: its tables, views and triggers, and its history.',
  positionals: [databaseFile],
  options: {
    'component-name': { type: 'text', value: 'NAME', description: 'The component to take out' },
    yes: { type: 'flag', description: 'Yes, its tables and their rows go' },
    ...backupOptions,
    ...lockOptions,
    ...componentOptions,
  },
  async run({ values, terminal, untilInterrupted }) {
    const name = values.text('component-name')
    if (name === undefined) throw new UsageError('--component-name says which component goes.')
    if (!values.flag('yes'))
      throw new UsageError(`Dropping ${name} deletes its tables with their rows; say --yes to do it.`)
    const components = await loadComponents(values)
    const waiting = lockWishes(values)
    const options = { ...backupWishes(values), ...waiting }
    const progress = launchProgress(terminal)
    const report = await withFile(
      values.argument('FILE'),
      'write',
      ({ driver, connection }) =>
        new Migrator({ driver, connection: interruptible(connection) }, components, options).drop(name, {
          onEvent: progress.listener,
          signal: untilInterrupted(),
        }),
      waiting,
    )
    progress.end()
    for (const warning of report.warnings ?? []) terminal.say(warning)
    if (report.backup) terminal.say(`The copy from before: ${report.backup}`)
    return { json: report, text: `Dropped: ${report.dropped.join(', ')}`, ok: true }
  },
}
