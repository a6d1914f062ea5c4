import type { CommandOption, CommandPositional } from './command.ts'

/** The database. Every command has it first. */
export const databaseFile: CommandPositional = { name: 'FILE', description: 'The database file' }

/** Options that every command takes. */
export const everyCommand: Readonly<Record<string, CommandOption>> = {
  json: { type: 'flag', description: 'Print one JSON value on stdout and nothing else' },
  help: { type: 'flag', description: 'Show this' },
}

/** The option of the commands that wait for another process. */
export const lockOptions: Readonly<Record<string, CommandOption>> = {
  'lock-timeout': {
    type: 'text',
    value: 'SECONDS',
    description: 'How long to wait for another process: 60 for one that migrates, 5 for any other unless said',
  },
}

/** Options of the commands that look at components. */
export const componentOptions: Readonly<Record<string, CommandOption>> = {
  component: {
    type: 'list',
    value: 'PATH',
    description: 'A folder of numbered .sql files, or a module whose default export is a component (repeatable)',
  },
  'no-identity': { type: 'flag', description: 'Leave the identity component out' },
}

/** Options of the commands that write patches. */
export const backupOptions: Readonly<Record<string, CommandOption>> = {
  'no-backup': { type: 'flag', description: 'Make no copy before anything is changed' },
  'backup-dir': { type: 'text', value: 'DIR', description: 'Where the copy goes; beside the database unless said' },
}
