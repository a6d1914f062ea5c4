import { styleText } from 'node:util'
import type { WriteStream } from 'node:tty'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

/** Where the command writes: the answer to stdout, everything about how it goes to stderr. */
export interface Terminal {
  /** Whether the caller asked for JSON; nothing but the answer is written then. */
  readonly json: boolean
  answer(text: string): void
  /** A line for people. */
  say(line: string): void
  /** A line that the next one replaces, on a terminal only. */
  show(line: string): void
  paint(style: Style, text: string): string
  /** Columns of the terminal; `undefined` when nobody watches. */
  readonly width: number | undefined
}

type Stream = Pick<NodeJS.WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>

const clearLine = '\r\u001B[2K'

export function createTerminal(streams: { stdout: Stream; stderr: Stream }, options: { json: boolean }): Terminal {
  const { stdout, stderr } = streams
  const { json } = options
  const watched = stderr.isTTY === true && !json
  // hasColors() knows NO_COLOR, NODE_DISABLE_COLORS and TERM=dumb; it is there on a terminal only.
  const colours = watched && stderr.hasColors?.() === true
  let shown = false
  const clear = () => {
    if (shown) stderr.write(clearLine)
    shown = false
  }
  return {
    json,
    width: watched ? (stderr.columns ?? 80) : undefined,
    answer: (text) => {
      clear()
      stdout.write(`${text}\n`)
    },
    say: (line) => {
      if (json) return
      clear()
      stderr.write(`${line}\n`)
    },
    show: (line) => {
      if (!watched) return
      stderr.write(`${shown ? clearLine : ''}${line}`)
      shown = true
    },
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
  }
}
