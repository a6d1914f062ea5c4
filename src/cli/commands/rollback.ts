import { changeFile } from '../change-file.ts'
import type { Command } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'

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
  async run(context) {
    const { values } = context
    const to = values.text('to')
    const report = await changeFile(context, (migrator, watching) =>
      migrator.rollback({ ...(to === undefined ? {} : { to }), ...watching }),
    )
    const done = report.reverted.length > 0 ? `Undone: ${report.reverted.join(', ')}` : 'There was nothing to undo.'
    return { json: report, text: done, ok: true }
  },
}
