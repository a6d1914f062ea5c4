import { parseArgs } from 'node:util'
import type { Command, CommandValues } from './command.ts'
import { everyCommand } from './common-options.ts'
import { UsageError } from './usage-error.ts'

/**
 * Reads what follows the command's name.
 *
 * @throws {UsageError} for an option it does not have, a missing or surplus argument, or a value that is not a choice
 */
export function readArguments(command: Command, args: readonly string[]): CommandValues {
  const definitions = { ...command.options, ...everyCommand }
  const { values, positionals } = parse(
    args,
    Object.fromEntries(
      Object.entries(definitions).map(([name, { type }]) => [
        name,
        type === 'flag' ? { type: 'boolean' as const } : { type: 'string' as const, multiple: type === 'list' },
      ]),
    ),
  )
  for (const [name, { choices }] of Object.entries(definitions)) {
    const value = values[name]
    if (choices && typeof value === 'string' && !choices.includes(value)) {
      throw new UsageError(`--${name} is one of ${choices.join(', ')}.`)
    }
  }
  if (values['help'] !== true) checkPositionals(command, positionals)
  return {
    argument: (name) => positionals[command.positionals.findIndex((positional) => positional.name === name)] ?? '',
    flag: (name) => values[name] === true,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    list: (name) => (Array.isArray(values[name]) ? values[name].filter((value) => typeof value === 'string') : []),
  }
}

function parse(args: readonly string[], options: Record<string, { type: 'boolean' | 'string'; multiple?: boolean }>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) {
      // Node's sentence, without its advice on how to pass a file that is called like an option.
      throw new UsageError(error.message.replace(/ To specify a positional.*$/s, ''), { cause: error })
    }
    throw error
  }
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals.find((_, index) => !given[index])
  if (missing) throw new UsageError(`${missing.name} is missing: ${missing.description.toLowerCase()}.`)
  const surplus = given[command.positionals.length]
  if (surplus !== undefined) throw new UsageError(`There is one argument too many: ${surplus}.`)
}
