import type { LaunchReport } from '../db/migration/launch-report.ts'
import { redactText } from '../errors/index.ts'
import type { Logger } from './logger.ts'

/** Puts a launch's outcome into the app's log: names of patches, tables and columns, never what was in them. */
export function logLaunch(
  logger: Logger,
  { outcome, error, applied, adopted, held, repairs, warnings, backup }: LaunchReport,
): void {
  if (error) {
    logger.error(`The launch was ${outcome === 'refused' ? 'refused' : 'broken off'}.`, {
      outcome,
      code: error.code,
      message: redactText(error.message),
      backup,
    })
    return
  }
  logger[outcome === 'current' ? 'debug' : 'info']('The database is ready.', {
    outcome,
    applied,
    adopted,
    held,
    backup,
  })
  for (const { kind, table, column } of repairs) logger.warn('A value was put right.', { kind, table, column })
  for (const warning of warnings) logger.warn(redactText(warning))
}
