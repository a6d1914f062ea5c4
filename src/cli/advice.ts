import type { ErrorCode } from '../errors/index.ts'
import { shellQuote } from './shell-quote.ts'
import { invocation } from './usage.ts'

/** What a person can do about an error, in sentences and commands to copy. */
export function adviceFor(code: ErrorCode | (string & {}), file: string, command?: string): string[] {
  const call = (command: string) => `  ${invocation()} ${command} ${shellQuote(file)}`
  switch (code) {
    case 'duplicate-dids':
      return [
        'Nothing was changed. List the accounts, then say which to keep:',
        call('duplicates'),
        `${call('duplicates')} --keep ID`,
      ]
    case 'schema-too-new':
      return ['Nothing was changed. Use the version of the app that wrote it, or a newer one.']
    case 'locked':
      return ['Another process is using the database. Close it and try again.']
    case 'no-space':
    case 'backup-failed':
      if (command === 'backup') {
        const other =
          code === 'no-space' ? 'Make room, or send the copy to another disk:' : 'Give the copy a name that is free:'
        return [other, `${call('backup')} --out PATH`]
      }
      return ['Make room, or send the copy to another disk:', `${call('migrate')} --backup-dir DIR`]
    case 'corrupt':
    case 'not-a-database':
      if (command === 'restore') return ['Nothing was replaced. It is BACKUP that cannot be used: take another copy.']
      return ['If there is a backup, put it in place of the file:', `${call('restore')} BACKUP`]
    default:
      return []
  }
}

/** The command that keeps the oldest of each group of accounts that share a DID. */
export function duplicatesCommand(file: string, duplicates: readonly { readonly ids: readonly number[] }[]): string {
  const keep = duplicates.map(({ ids }) => `--keep ${Math.min(...ids)}`).join(' ')
  return `${invocation()} duplicates ${shellQuote(file)} ${keep}`
}
