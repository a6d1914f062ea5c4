import type { LaunchReport } from '../../db/migration/launch-report.ts'
import { LaunchVoice } from '../../db/migration/launch-voice.ts'
import { Migrator } from '../../db/migration/migrator.ts'
import { outcomeOf } from '../../db/migration/refusal.ts'
import { DataLayerError } from '../../errors/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { backupOptions, componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { interruptible } from '../interruptible.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { launchProgress } from '../terminal/launch-progress.ts'
import { reportText } from '../terminal/report-text.ts'
import { backupWishes, lockWishes, migrationWishes, recordOptions, recordWishes, wishOptions } from './wishes.ts'

/** Applies the pending patches, as a launch of the app does. */
export const migrate: Command = {
  name: 'migrate',
  description: 'Applies the pending patches, after a verified backup. Creates FILE when there is none.',
  positionals: [databaseFile],
  options: { ...wishOptions, ...backupOptions, ...lockOptions, ...recordOptions, ...componentOptions },
  async run(context) {
    const report = await launch(context)
    const { values, terminal } = context
    return {
      json: report,
      text: await reportText(report, { terminal, file: values.argument('FILE') }),
      ok: report.outcome !== 'refused' && report.outcome !== 'failed',
    }
  },
}

async function launch({ values, terminal, untilInterrupted }: CommandContext): Promise<LaunchReport> {
  const components = await loadComponents(values)
  const waiting = lockWishes(values)
  const options = { ...migrationWishes(values), ...backupWishes(values), ...recordWishes(values), ...waiting }
  try {
    return await withFile(
      values.argument('FILE'),
      'create',
      ({ driver, connection }) =>
        new Migrator({ driver, connection: interruptible(connection) }, components, options).launch({
          onEvent: launchProgress(terminal).listener,
          signal: untilInterrupted(),
        }),
      waiting,
    )
  } catch (error) {
    // The file did not open: the same report tells it, so that who reads the JSON has one shape to know.
    if (error instanceof DataLayerError) return new LaunchVoice().report(outcomeOf(error), { error })
    throw error
  }
}
