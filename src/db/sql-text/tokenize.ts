/** The kinds of token that splitting, checksums and schema edits must tell apart. */
export type TokenKind = 'space' | 'comment' | 'text' | 'blob' | 'name' | 'word' | 'number' | 'variable' | 'punctuation'

/** A piece of SQL text. The texts of all tokens, joined, are the input again. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
}

// SQLite's own rules (src/tokenize.c): what opens a quoted run closes it, doubled quotes stay inside, and a run, a
// comment or a bracket that never closes goes to the end of the text.
const rules: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\n\f\r]+/y],
  ['comment', /--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/y],
  ['blob', /[xX]'[^']*(?:'|$)/y],
  ['text', /'(?:[^']|'')*(?:'|$)/y],
  ['name', /"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y],
  ['variable', /\?\d*|[@#$:](?:[A-Za-z0-9_$\u0080-\uffff]|::)+(?:\([^)\s]*\))?/y],
  ['number', /0[xX][0-9A-Fa-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y],
  ['word', /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y],
  ['punctuation', /\|\||->>?|<[=<>]|>[=>]|[=!]=/y],
]

/** Cuts SQL text into tokens as SQLite would. Never fails: what SQLite would call illegal becomes punctuation. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  scan: while (at < text.length) {
    for (const [kind, pattern] of rules) {
      pattern.lastIndex = at
      const match = pattern.exec(text)
      if (match && match[0].length > 0) {
        tokens.push({ kind, text: match[0], start: at })
        at += match[0].length
        continue scan
      }
    }
    tokens.push({ kind: 'punctuation', text: text.charAt(at), start: at })
    at += 1
  }
  return tokens
}

/** Whether a token carries meaning: anything but white space and comments. */
export function isCode(token: Token): boolean {
  return token.kind !== 'space' && token.kind !== 'comment'
}

/** The name a token spells, unquoted; `undefined` when the token cannot be a name. */
export function nameOf(token: Token): string | undefined {
  if (token.kind === 'word') return token.text
  if (token.kind === 'name') {
    const quote = token.text.charAt(0)
    const inner = token.text.slice(1, -1)
    return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
  }
  // SQLite takes 'text' for a name where only a name can stand: CREATE TABLE 'accounts'.
  if (token.kind === 'text') return token.text.slice(1, -1).replaceAll("''", "'")
  return undefined
}
