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

/**
 * Reads a statement's {@link StatementPurpose}. SELECT cannot write rows: no function of SQLite's does (optimize() of FTS4
 * packs an index, and no row is another one after it). WITH can.
 */
export function statementPurpose(text: string): StatementPurpose {
  const before = known.get(text)
  if (before) return before
  const purpose = read(text)
  known.set(text, purpose)
  return purpose
}

/** Whether a statement is only listed, not run. */
export function isExplained(text: string): boolean {
  return leadingCode(text, 1)[0]?.text.toUpperCase() === 'EXPLAIN'
}

function read(text: string): StatementPurpose {
  const words = leadingCode(text, 8).map((token) => token.text)
  const [first = '', ...rest] = isExplained(text) ? words.slice(words[1]?.toUpperCase() === 'QUERY' ? 3 : 1) : words
  // Some PRAGMAs work as they are compiled, explained or not (sqlite.org/pragma.html).
  if (first.toUpperCase() !== 'PRAGMA') return reading.has(words[0]?.toUpperCase() ?? '') ? 'read' : 'other'
  // PRAGMA name = …, PRAGMA schema.name(…)
  const [name = '', after] = rest[1] === '.' ? rest.slice(2) : rest
  return after === undefined || after === ';' || looking.test(name) ? 'other' : 'switch'
}
