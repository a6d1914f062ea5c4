import type { MigrationOptions } from '../../db/migration/migrator-types.ts'
import type { CommandOption, CommandValues } from '../command.ts'
import { UsageError } from '../usage-error.ts'

/** Options that say how far a migration goes. */
export const wishOptions: Readonly<Record<string, CommandOption>> = {
  hold: { type: 'list', value: 'NAME', description: 'Wait with this patch and what follows it (repeatable)' },
  to: { type: 'text', value: 'NAME', description: 'Go no further than this patch of its component' },
}

/** What is recorded as having applied a patch. */
export const recordOptions: Readonly<Record<string, CommandOption>> = {
  'app-version': { type: 'text', value: 'TEXT', description: 'The version of the app, for the ledger' },
}

export function recordWishes(values: CommandValues): MigrationOptions {
  const appVersion = values.text('app-version')
  return appVersion === undefined ? {} : { appVersion }
}

export function migrationWishes(values: CommandValues): MigrationOptions {
  const to = values.text('to')
  return { hold: values.list('hold'), ...(to === undefined ? {} : { to }) }
}

/** How long to wait for another process, where that is said. */
export function lockWishes(values: CommandValues): Pick<MigrationOptions, 'lockTimeoutMs'> {
  const seconds = values.text('lock-timeout')
  if (seconds === undefined) return {}
  if (/^\d+(\.\d+)?$/.test(seconds)) return { lockTimeoutMs: Number(seconds) * 1000 }
  throw new UsageError('--lock-timeout takes a number of seconds, for example 30.')
}

/** Whether and where a copy is made before anything is written. */
export function backupWishes(values: CommandValues): MigrationOptions {
  const directory = values.text('backup-dir')
  return { backup: !values.flag('no-backup'), ...(directory === undefined ? {} : { backupDirectory: directory }) }
}
