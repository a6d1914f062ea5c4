import { DataLayerError } from '../../errors/index.ts'
import { isCode, nameOf, tokenize, type Token } from './tokenize.ts'

/** Where a piece stands in the statement's text. `end` is behind its last character. */
export interface TextRange {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A place among a statement's tokens, moved on by what is found there. White space and comments are passed over. */
export class TokenCursor {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenize(text).filter(isCode)
  }

  get position(): number {
    return this.#at
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** The word that stands here, in capitals; empty where something else does, a quoted name included. */
  word(): string {
    const token = this.#tokens[this.#at]
    return token?.kind === 'word' ? token.text.toUpperCase() : ''
  }

  isAt(...marks: readonly string[]): boolean {
    const token = this.#tokens[this.#at]
    return token?.kind === 'punctuation' && marks.includes(token.text)
  }

  /** Passes over a word or a mark, if it stands here. */
  accept(word: string): boolean {
    const found = this.word() === word || this.isAt(word)
    if (found) this.#at += 1
    return found
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unreadable()
  }

  next(): Token {
    const token = this.#tokens[this.#at]
    // A semicolon inside a list means that the text is not one statement.
    if (!token || token.text === ';') throw this.unreadable()
    this.#at += 1
    return token
  }

  name(): string {
    const name = nameOf(this.next())
    if (name === undefined) throw this.unreadable()
    return name
  }

  /** The tokens inside the parentheses that open here. */
  parenthesis(): readonly Token[] {
    this.expect('(')
    const from = this.#at
    for (let depth = 1; depth > 0;) {
      const { text } = this.next()
      if (text === '(') depth += 1
      if (text === ')') depth -= 1
    }
    return this.#tokens.slice(from, this.#at - 1)
  }

  /** The text from an earlier position up to here. */
  since(position: number): TextRange {
    const first = this.#tokens[position]
    const last = this.#tokens[this.#at - 1]
    if (!first || !last || this.#at <= position) throw this.unreadable()
    const [start, end] = [first.start, last.start + last.text.length]
    return { start, end, text: this.#text.slice(start, end) }
  }

  unreadable(): DataLayerError {
    const character = (this.#tokens[this.#at]?.start ?? this.#text.length) + 1
    return new DataLayerError('unsupported', `This CREATE TABLE text cannot be read at character ${character}.`, {
      details: { character },
    })
  }
}
