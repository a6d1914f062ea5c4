import type { SetUpArguments } from '../../db/migration/component.ts'
import { Migrator } from '../../db/migration/migrator.ts'
import type { Command, CommandValues } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { interruptible } from '../interruptible.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { launchProgress } from '../terminal/launch-progress.ts'
import { UsageError } from '../usage-error.ts'
import { backupWishes, lockWishes } from './wishes.ts'

/** Runs the deferred set-up that patches have registered. */
export const setUp: Command = {
  name: 'set-up',
  description: 'Runs the set-up that patches have left for later, with arguments. What is finished is not run again.',
  positionals: [databaseFile],
  options: {
    argument: { type: 'list', value: 'NAME=VALUE', description: 'An argument of the set-up (repeatable)' },
    ...backupOptions,
    ...lockOptions,
    ...componentOptions,
  },
  async run({ values, terminal, untilInterrupted }) {
    const components = await loadComponents(values)
    const args = readSetUpArguments(values)
    const waiting = lockWishes(values)
    const options = { ...backupWishes(values), ...waiting }
    const progress = launchProgress(terminal)
    const report = await withFile(
      values.argument('FILE'),
      'write',
      ({ driver, connection }) =>
        new Migrator({ driver, connection: interruptible(connection) }, components, options).setUp(args, {
          onEvent: progress.listener,
          signal: untilInterrupted(),
        }),
      waiting,
    )
    progress.end()
    for (const warning of report.warnings ?? []) terminal.say(warning)
    if (report.backup) terminal.say(`The copy from before: ${report.backup}`)
    const text = [
      report.finished.length > 0 ? `Set up: ${report.finished.join(', ')}` : 'There was nothing to set up.',
      ...(report.waiting.length > 0 ? [`Not with these arguments: ${report.waiting.join(', ')}`] : []),
    ].join('\n')
    return { json: report, text, ok: true }
  },
}

function readSetUpArguments(values: CommandValues): SetUpArguments {
  return Object.fromEntries(
    values.list('argument').map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`--argument ${pair} is not NAME=VALUE.`)
      return [pair.slice(0, at), readValue(pair.slice(at + 1))]
    }),
  )
}

function readValue(text: string): string | number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
