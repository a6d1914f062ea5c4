import { isCode, tokenize, type Token } from '../../sql-text/tokenize.ts'

/** What has to be done with a statement, by what stands in it. */
export interface StatementKind {
  readonly kind: 'read' | 'write' | 'returning' | 'pragma' | 'explain' | 'other'
  /** The word that says what it does, in capitals: `SELECT`, `INSERT`, `CREATE`. */
  readonly verb: string
  /** Its tokens without spaces and comments, from the verb on. */
  readonly tokens: readonly Token[]
}

const writeVerbs = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE'])
const known = new Map<string, StatementKind>()

export function statementKind(text: string): StatementKind {
  const cached = known.get(text)
  if (cached) return cached
  const code = tokenize(text).filter(isCode)
  const tokens = code.slice(verbIndex(code)).filter(({ text: word }) => word !== ';')
  const verb = tokens[0]?.text.toUpperCase() ?? ''
  const kind: StatementKind = { kind: kindOf(verb, tokens), verb, tokens }
  if (known.size > 500) known.clear()
  known.set(text, kind)
  return kind
}

function kindOf(verb: string, tokens: readonly Token[]): StatementKind['kind'] {
  if (verb === 'SELECT' || verb === 'VALUES') return 'read'
  if (verb === 'PRAGMA') return 'pragma'
  if (verb === 'EXPLAIN') return 'explain'
  if (!writeVerbs.has(verb)) return 'other'
  return returningIndex(tokens) < 0 ? 'write' : 'returning'
}

/** Where RETURNING stands, or -1. */
export function returningIndex(tokens: readonly Token[]): number {
  return atDepthZero(tokens).findLastIndex(
    ({ token, index }) =>
      token?.kind === 'word' &&
      token.text.toUpperCase() === 'RETURNING' &&
      !['=', ',', '.', ')', undefined].includes(tokens[index + 1]?.text) &&
      ![',', '.', 'SET'].includes(tokens[index - 1]?.text.toUpperCase() ?? ''),
  )
}

// After WITH, what the statement does comes behind the parentheses of its tables.
function verbIndex(code: readonly Token[]): number {
  if (code[0]?.text.toUpperCase() !== 'WITH') return 0
  const at = atDepthZero(code).findIndex(
    ({ token }, index) =>
      index > 0 && token?.kind === 'word' && /^(?:SELECT|VALUES|INSERT|REPLACE|UPDATE|DELETE)$/i.test(token.text),
  )
  return Math.max(at, 0)
}

/** The tokens, those inside parentheses left out. The places stay. */
export function atDepthZero(tokens: readonly Token[]): { readonly token: Token | undefined; readonly index: number }[] {
  let depth = 0
  return tokens.map((token, index) => {
    if (token.text === '(') depth += 1
    const outside = depth === 0
    if (token.text === ')') depth -= 1
    return { token: outside ? token : undefined, index }
  })
}
