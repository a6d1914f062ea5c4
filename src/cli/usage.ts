import type { Command, CommandOption } from './command.ts'
import { everyCommand } from './common-options.ts'

/** How a person calls the command from where they are: through npm in the repository, by its name once installed. */
export function invocation(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['npm_lifecycle_event'] === 'selfsame' ? 'npm run -s selfsame --' : 'selfsame'
}

/** The list of all commands. */
export function overview(commands: readonly Pick<Command, 'name' | 'description'>[]): string {
  return [
    'Migrates, checks and repairs the database of an app that uses selfsame.',
    '',
    `Usage: ${invocation()} <command> FILE [options]`,
    '',
    'Commands:',
    ...columns(commands.map(({ name, description }) => [name, description])),
    '',
    'Exit status: 0 done, 1 refused or failed, 2 wrong usage. After a 1 the database is as it was, but for the pieces of',
    'a patch in pieces that were done: status shows it as begun, and the next migrate goes on there.',
    `${invocation()} <command> --help shows a command's options.`,
  ].join('\n')
}

/** How one command is called. */
export function usageOf({ name, description, positionals, options }: Command): string {
  return [
    description,
    '',
    `Usage: ${[invocation(), name, ...positionals.map((positional) => positional.name), '[options]'].join(' ')}`,
    '',
    ...columns(positionals.map((positional) => [positional.name, positional.description])),
    ...columns(Object.entries({ ...options, ...everyCommand }).map(describeOption)),
  ].join('\n')
}

function describeOption([name, { value, choices, description }]: [string, CommandOption]): [string, string] {
  const hint = choices ? ` ${choices.join('|')}` : value ? ` ${value}` : ''
  return [`--${name}${hint}`, description]
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
