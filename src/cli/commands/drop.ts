import { changeFile } from '../change-file.ts'
import type { Command } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { UsageError } from '../usage-error.ts'

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
  async run(context) {
    const { values } = context
    const name = values.text('component-name')
    if (name === undefined) throw new UsageError('--component-name says which component goes.')
    if (!values.flag('yes'))
      throw new UsageError(`Dropping ${name} deletes its tables with their rows; say --yes to do it.`)
    const report = await changeFile(context, (migrator, watching) => migrator.drop(name, watching))
    return { json: report, text: `Dropped: ${report.dropped.join(', ') || name}`, ok: true }
  },
}
