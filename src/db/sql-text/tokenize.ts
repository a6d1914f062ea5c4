/** The kinds of token that splitting, checksums and schema edits must tell apart. */
export type TokenKind = 'space' | 'comment' | 'text' | 'blob' | 'name' | 'word' | 'number' | 'variable' | 'punctuation'

/** A piece of SQL text. The texts of all tokens, joined, are the input again. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
}

// SQLite's own rules (src/tokenize.c). A byte order mark is white space; a comment that never closes goes to the end.
// White space is ASCII's alone: \s has more, and would end a variable's bracket where SQLite reads on. One that is not
// closed is no variable to SQLite, which reads as far.
// No pattern may keep a place to come back to for each character it passes: a text of some megabytes would exhaust it.
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /(?:[ \t\n\f\r][ \t\n\v\f\r]*|\ufeff)+/],
  ['comment', /--[^\n]*|\/\*(?=[^])[^]*?(?:\*\/|$)/],
  ['variable', /\?\d*|[@#$:](?:[A-Za-z0-9_$\u0080-\uffff]|::)+(?:\([^)\t\n\v\f\r ]*\)?)?/],
  ['number', /0[xX][0-9A-Fa-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/],
  ['word', /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/],
  ['punctuation', /\|\||->>?|<[=<>]|>[=>]|[=!]=|[^]/],
]
const anyPattern = new RegExp(patterns.map(([, { source }]) => `(${source})`).join('|'), 'y')

/** Cuts SQL text into tokens as SQLite would. Never fails: what SQLite would call illegal becomes punctuation. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; at += tokens.at(-1)!.text.length) tokens.push(tokenAt(text, at))
  return tokens
}

/** The first tokens that carry meaning, the rest of the text unread. */
export function leadingCode(text: string, most: number): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length && tokens.length < most;) {
    const token = tokenAt(text, at)
    if (isCode(token)) tokens.push(token)
    at += token.text.length
  }
  return tokens
}

function tokenAt(text: string, start: number): Token {
  return quotedToken(text, start) ?? patternToken(text, start)
}

const quotes: Readonly<Record<string, readonly [TokenKind, string]>> = {
  "'": ['text', "'"],
  '"': ['name', '"'],
  '`': ['name', '`'],
  '[': ['name', ']'],
}

/** What opens a quoted run closes it, doubled quotes stay inside, and one that never closes goes to the end. */
function quotedToken(text: string, start: number): Token | undefined {
  const first = text.charAt(start)
  const isBlob = (first === 'x' || first === 'X') && text.charAt(start + 1) === "'"
  const [kind, close] = isBlob ? (['blob', "'"] as const) : (quotes[first] ?? [])
  if (kind === undefined || close === undefined) return undefined
  const doubled = kind !== 'blob' && close !== ']' ? close : undefined
  let end = text.indexOf(close, start + (isBlob ? 2 : 1))
  while (end >= 0 && text.charAt(end + 1) === doubled) end = text.indexOf(close, end + 2)
  return { kind, text: end < 0 ? text.slice(start) : text.slice(start, end + 1), start }
}

function patternToken(text: string, start: number): Token {
  anyPattern.lastIndex = start
  const [found = text.charAt(start), ...groups] = anyPattern.exec(text) ?? []
  const [kind] = patterns[groups.findIndex((group) => group !== undefined)] ?? ['punctuation']
  return { kind, text: found, start }
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
