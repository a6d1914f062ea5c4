import { isCode, nameOf, tokenize, type Token } from '../../../sql-text/tokenize.ts'

/** A PRAGMA statement: its name in lower case, and its argument's tokens when it has one. */
export interface Pragma {
  readonly name: string
  readonly argument: readonly Token[] | undefined
}

/** The tokens of a statement that carry meaning, those of `EXPLAIN [QUERY PLAN]` before it left out. */
export function statementTokens(text: string): readonly Token[] {
  const tokens = tokenize(text).filter(isCode)
  if (!isWord(tokens[0], 'EXPLAIN')) return tokens
  // Some PRAGMAs act while they are compiled, which EXPLAIN does too.
  return tokens.slice(isWord(tokens[1], 'QUERY') ? 3 : 1)
}

/** The PRAGMA that a statement is; `undefined` for every other statement. */
export function pragmaOf(text: string): Pragma | undefined {
  // The keyword cannot be quoted or escaped, so a text without these letters has none.
  return /pragma/i.test(text) ? pragmaOfTokens(statementTokens(text)) : undefined
}

export function pragmaOfTokens(tokens: readonly Token[]): Pragma | undefined {
  if (!isWord(tokens[0], 'PRAGMA')) return undefined
  const at = tokens[2]?.text === '.' ? 3 : 1
  const name = tokens[at]
  const argument = tokens.slice(at + 1).filter(({ text }) => text !== ';')
  return {
    // A name may be quoted in four ways.
    name: ((name && nameOf(name)) ?? '').toLowerCase(),
    argument: argument.length > 0 ? argument.slice(1) : undefined,
  }
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word
}
