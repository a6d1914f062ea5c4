import { leadingCode } from './sql-text/tokenize.ts'
import { TextCache } from './text-cache.ts'

const known = new TextCache<StatementPurpose>(1000)

/**
 * What a statement's first words say of it: `read` cannot write, whatever the schema; `switch` may change what other
 * statements are compiled to.
 */
export type StatementPurpose = 'read' | 'switch' | 'other'

const reading: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'EXPLAIN'])

// PRAGMAs whose argument names what to look at. With any other, an argument is a new value.
const looking =
  /^(table_x?info|table_list|index_x?info|index_list|foreign_key_list|foreign_key_check|integrity_check|quick_check)$/i

/** Reads a statement's {@link StatementPurpose}. SELECT cannot write: SQLite has no function that does. WITH can. */
export function statementPurpose(text: string): StatementPurpose {
  const before = known.get(text)
  if (before) return before
  const purpose = read(text)
  known.set(text, purpose)
  return purpose
}

function read(text: string): StatementPurpose {
  const [first = '', ...rest] = leadingCode(text, 5).map((token) => token.text)
  const word = first.toUpperCase()
  if (reading.has(word)) return 'read'
  if (word !== 'PRAGMA') return 'other'
  // PRAGMA name = …, PRAGMA schema.name(…)
  const [name = '', after] = rest[1] === '.' ? rest.slice(2) : rest
  return after === undefined || after === ';' || looking.test(name) ? 'other' : 'switch'
}
