import { canonicalTokens } from '../../sql-text/canonical.ts'
import type { CreateTable } from '../../sql-text/create-table.ts'
import type { ColumnItem, ConstraintItem } from '../../sql-text/table-items.ts'
import { quoteName } from '../../sql.ts'
import { isCode, tokenize, type Token } from '../../sql-text/tokenize.ts'

/**
 * What a `CREATE TABLE` says and no pragma shows: checks, collations of columns, generated values, ON CONFLICT clauses and
 * deferred foreign keys. A constraint's own name is left out: it changes nothing but an error's words.
 */
export function unseenClauses({ columns, constraints }: CreateTable): string[] {
  return [...columns, ...constraints].flatMap((item) => clausesOf(item)).toSorted()
}

function clausesOf(item: ColumnItem | ConstraintItem): string[] {
  const tokens = tokenize(item.text).filter(isCode)
  const place = item.kind === 'column' ? quoteName(item.name) : `(${item.columns.map(quoteName).join(', ')})`
  const clauses: string[] = []
  let constraint = ''
  for (let at = item.kind === 'column' ? 1 : 0; at < tokens.length; at += 1) {
    const word = wordAt(tokens, at)
    if (word === 'CONSTRAINT') {
      at += 1
    } else if (word === 'CHECK' || word === 'AS') {
      const end = closing(tokens, at + 1)
      // A check is of the table wherever it stands; a generated value belongs to its column, as does how it is stored.
      const expression = canonicalTokens(tokens.slice(at + 1, end + 1))
      clauses.push(word === 'CHECK' ? `CHECK ${expression}` : `${place} AS ${expression}`)
      at = end
    } else if (word === 'COLLATE') {
      const name = canonicalTokens(tokens.slice(at + 1, at + 2)).toUpperCase()
      if (name !== 'BINARY') clauses.push(`${place} COLLATE ${name}`)
      at += 1
    } else if (word === 'ON' && wordAt(tokens, at + 1) === 'CONFLICT') {
      clauses.push(`${place} ${constraint} ON CONFLICT ${wordAt(tokens, at + 2)}`)
      at += 2
    } else if (word === 'DEFERRABLE') {
      const deferred = wordAt(tokens, at - 1) !== 'NOT' && wordAt(tokens, at + 2) === 'DEFERRED'
      if (deferred) clauses.push(`${place} FOREIGN KEY DEFERRED`)
    } else if (tokens[at]?.text === '(') {
      at = closing(tokens, at)
    } else if (['NULL', 'UNIQUE', 'PRIMARY'].includes(word)) {
      constraint = word
    }
  }
  return clauses
}

function wordAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at]
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}

/** Where the parenthesis that opens at `from` closes. */
function closing(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '(') depth += 1
    if (tokens[at]?.text === ')') depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}
