import { isCode, tokenize, type Token } from './tokenize.ts'

/**
 * A statement's text as checksums take it: comments, white space outside literals and the last semicolon do not count.
 * Literals and quoted names stay to the letter, and so does the case of words.
 *
 * @example
 * normaliseStatement("SELECT a ,b -- both\r\n  FROM  t;") // 'SELECT a, b FROM t'
 */
export function normaliseStatement(text: string): string {
  return joinTokens(codeTokens(text).map((token) => token.text))
}

/**
 * A statement's text fit for an error: normalised, with every literal that could hold somebody's data as `?`.
 *
 * @example
 * redactLiterals("INSERT INTO a VALUES ('secret', x'00', 7)") // 'INSERT INTO a VALUES(?, ?, 7)'
 */
export function redactLiterals(text: string): string {
  return joinTokens(codeTokens(text).map((token) => (holdsData(token) ? '?' : token.text)))
}

/** Tokens' texts put together again, with white space where a reader expects it and nowhere by chance. */
export function joinTokens(texts: readonly string[]): string {
  let joined = ''
  texts.forEach((text, index) => {
    const before = texts[index - 1] ?? ''
    const close = index === 0 || noSpaceBefore.has(text) || noSpaceAfter.has(before)
    joined += close ? text : ` ${text}`
  })
  return joined
}

const noSpaceBefore = new Set([',', ';', ')', '(', '.'])
const noSpaceAfter = new Set(['(', '.'])

function codeTokens(text: string): Token[] {
  const tokens = tokenize(text).filter(isCode)
  while (tokens.at(-1)?.text === ';') tokens.pop()
  return tokens
}

/** Whether a token could be somebody's data rather than a part of the statement. */
export function holdsData({ kind, text }: Token): boolean {
  // Where a build takes "text" for a string (sqlite.org/quirks.html §8), what is no plain name is more likely a value than a name.
  return kind === 'text' || kind === 'blob' || (kind === 'name' && text.startsWith('"') && !/^"[\w$ -]*"$/.test(text))
}
