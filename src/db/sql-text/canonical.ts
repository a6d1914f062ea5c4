import { quoteName } from '../sql.ts'
import { joinTokens } from './normalise.ts'
import { needsQuotes } from './reserved-words.ts'
import { isCode, nameOf, tokenize, type Token } from './tokenize.ts'

/**
 * SQL text in the one form in which schemas are compared: as for checksums, and a name is quoted, doubly, only where it
 * has to be. `"settings"`, `[settings]` and `settings` are the same; a literal is not touched.
 */
export function canonicalSql(text: string): string {
  return canonicalTokens(tokenize(text))
}

export function canonicalTokens(tokens: readonly Token[]): string {
  return joinTokens(tokens.filter(isCode).map(canonicalToken))
}

function canonicalToken(token: Token): string {
  const name = token.kind === 'name' ? nameOf(token) : undefined
  if (name === undefined) return token.text
  return needsQuotes(name) ? quoteName(name) : name
}
