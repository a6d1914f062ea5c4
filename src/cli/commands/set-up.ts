import type { SetUpArguments } from '../../db/migration/component.ts'
import { changeFile } from '../change-file.ts'
import type { Command, CommandValues } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import type { Migrator } from '../../db/migration/migrator.ts'
import type { Watching } from '../../db/migration/migrator-types.ts'
import { migrationWishes, wishOptions } from './wishes.ts'
import { UsageError } from '../usage-error.ts'

/** Runs the deferred set-up that patches have registered. */
export const setUp: Command = {
  name: 'set-up',
  description: 'Runs the set-up that patches have left for later, with arguments. What is finished is not run again.',
  positionals: [databaseFile],
  options: {
    argument: { type: 'list', value: 'NAME=VALUE', description: 'An argument of the set-up (repeatable)' },
    ...wishOptions,
    ...backupOptions,
    ...lockOptions,
    ...componentOptions,
  },
  async run(context) {
    const { values } = context
    const args = readSetUpArguments(values)
    const setUpWith = (migrator: Migrator, watching: Watching) => migrator.setUp(args, watching)
    const report = await changeFile(context, setUpWith, migrationWishes(values))
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
