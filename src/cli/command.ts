import type { Terminal } from './terminal/terminal.ts'

/** An option of a command. A `list` may be given several times; a `text` keeps the last. */
export interface CommandOption {
  readonly type: 'flag' | 'text' | 'list'
  readonly description: string
  /** What stands for the value in the usage. */
  readonly value?: string
  readonly choices?: readonly string[]
}

export interface CommandPositional {
  readonly name: string
  readonly description: string
}

/** What a command was called with, read and checked. */
export interface CommandValues {
  /** A positional argument, by its name. */
  argument(name: string): string
  flag(name: string): boolean
  text(name: string): string | undefined
  list(name: string): readonly string[]
}

export interface CommandContext {
  readonly values: CommandValues
  readonly terminal: Terminal
  /**
   * Takes the first Ctrl-C from now on: the signal is aborted, and the work stops at its next safe point. A command that
   * does not call this is ended by Ctrl-C like any other, which loses nothing: what it writes is in a transaction.
   */
  untilInterrupted(): AbortSignal
}

/** What a command answers: one value for machines, text for people. */
export interface CommandAnswer {
  readonly json: unknown
  readonly text: string
  /** `false` makes the exit status 1. */
  readonly ok: boolean
}

/** One command, in a file of its own. */
export interface Command {
  readonly name: string
  readonly description: string
  readonly positionals: readonly CommandPositional[]
  readonly options: Readonly<Record<string, CommandOption>>
  run(context: CommandContext): Promise<CommandAnswer>
}
