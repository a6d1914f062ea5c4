import { DataLayerError, redactText } from '../errors/index.ts'
import { adviceFor } from './advice.ts'
import type { Command, CommandValues } from './command.ts'
import { commandNames, loadCommand } from './commands.ts'
import { toJson } from './json.ts'
import { readArguments } from './read-arguments.ts'
import { createTerminal, type Terminal } from './terminal/terminal.ts'
import { overview, usageOf } from './usage.ts'
import { UsageError } from './usage-error.ts'
import { packageVersion } from './version.ts'

export interface CommandLineHost {
  readonly stdout: Parameters<typeof createTerminal>[0]['stdout']
  readonly stderr: Parameters<typeof createTerminal>[0]['stderr']
  readonly untilInterrupted: () => AbortSignal
}

/** Exit statuses: done, refused or failed, wrong usage. */
export type ExitStatus = 0 | 1 | 2

/** Runs what the arguments ask for and gives the exit status. Never rejects: what goes wrong is shown. */
export async function runCommandLine(args: readonly string[], host: CommandLineHost): Promise<ExitStatus> {
  const [name, ...rest] = args
  const options = args.slice(0, args.indexOf('--') < 0 ? args.length : args.indexOf('--'))
  const terminal = createTerminal(host, { json: options.includes('--json') })
  let command: Command | undefined
  let values: CommandValues | undefined
  try {
    if (name === '--version') return answer(terminal, packageVersion())
    if (name === '--help' || name === 'help') return answer(terminal, await allCommands())
    command = await findCommand(name)
    values = readArguments(command, rest)
    if (values.flag('help')) return answer(terminal, usageOf(command))
    const { json, text, ok } = await command.run({ values, terminal, untilInterrupted: host.untilInterrupted })
    if (terminal.json) terminal.answer(toJson(json))
    else if (text) terminal.answer(text)
    return ok ? 0 : 1
  } catch (error) {
    if (error instanceof UsageError) {
      if (terminal.json) terminal.answer(toJson({ error: { code: 'usage', message: error.message } }))
      host.stderr.write(`${error.message}\n\n${command ? usageOf(command) : await allCommands()}\n`)
      return 2
    }
    showFailure(terminal, error, { file: values?.argument('FILE') ?? '', command: command?.name })
    return 1
  }
}

function answer(terminal: Terminal, text: string): ExitStatus {
  terminal.answer(terminal.json ? toJson(text) : text)
  return 0
}

async function findCommand(name: string | undefined): Promise<Command> {
  if (name === undefined) throw new UsageError('No command is given.')
  const command = await loadCommand(name)
  if (command) return command
  throw new UsageError(name.startsWith('-') ? 'The command comes first.' : `There is no command ${name}.`)
}

async function allCommands(): Promise<string> {
  const commands = await Promise.all(commandNames().map(loadCommand))
  return overview(commands.filter((command) => command !== undefined))
}

function showFailure(
  terminal: Terminal,
  error: unknown,
  { file, command }: { readonly file: string; readonly command: string | undefined },
): void {
  const failure = error instanceof DataLayerError ? error.toJSON() : unexpected(error)
  if (terminal.json) {
    terminal.answer(toJson({ error: failure }))
    return
  }
  terminal.say(`${terminal.paint('red', `${failure.code}:`)} ${failure.message}`)
  for (const line of adviceFor(failure.code, file, command)) terminal.say(line)
}

/** A fault in the command itself, or in a component's code. Its text may quote anything, so it is redacted. */
function unexpected(error: unknown): { code: string; message: string } {
  return { code: 'unexpected', message: redactText(error instanceof Error ? error.message : String(error)) }
}
