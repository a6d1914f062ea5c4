import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { isCode, tokenize } from '../../sql-text/tokenize.ts'
import type { Statement } from '../../statement.ts'
import { statementPurpose } from '../../statement-purpose.ts'

/**
 * The same reader for what may only ask: a check, an invariant, `present`, `waitsFor`. They are asked before a launch is
 * accepted, where no copy is made and no transaction takes back what they write.
 *
 * @throws {DataLayerError} `unsupported`, from each call, for a statement that could write
 */
export function readOnly(reader: Queryable): Queryable {
  return {
    query: async (statement) => reader.query(mustOnlyRead(statement)),
    queryOne: async (statement) => reader.queryOne(mustOnlyRead(statement)),
    execute: async (statement) => reader.execute(mustOnlyRead(statement)),
    batch: async (statements) => reader.batch(statements.map(mustOnlyRead)),
  }
}

/** @throws {DataLayerError} `unsupported` for a statement that could write */
export function mustOnlyRead(statement: Statement): Statement {
  // What is no text is refused by its own error, further down.
  if (typeof statement.text !== 'string' || isQuery(statement.text)) return statement
  throw new DataLayerError('unsupported', `A statement that only asks ${notAQuery}.`)
}

/** What is wrong with one that {@link isQuery} says no to, as the end of a sentence. */
export const notAQuery = 'begins with SELECT, VALUES, WITH … SELECT or a PRAGMA that lists something'

// PRAGMAs that answer and change nothing, whatever their argument.
const listing =
  /^(table_x?info|table_list|index_x?info|index_list|foreign_key_list|foreign_key_check|integrity_check|quick_check|database_list|collation_list|function_list|module_list|pragma_list|compile_options)$/i
const numbers =
  /^(user_version|application_id|schema_version|data_version|page_count|freelist_count|page_size|encoding)$/i

/** Whether a text only asks, whatever the schema. */
export function isQuery(text: string): boolean {
  if (statementPurpose(text) === 'read') return true
  const words = tokenize(text).filter(isCode)
  const first = words[0]?.text.toUpperCase()
  if (first === 'WITH') return ['SELECT', 'VALUES'].includes(verbOf(words.map((word) => word.text.toUpperCase())))
  if (first !== 'PRAGMA') return false
  const [name, after] = words.slice(words[2]?.text === '.' ? 3 : 1).map((word) => word.text)
  return listing.test(name ?? '') || (numbers.test(name ?? '') && (after === undefined || after === ';'))
}

/** WITH name (columns) AS (…), … VERB: the word after the parentheses of the last table. Inside them nothing can write. */
function verbOf(words: readonly string[]): string {
  let depth = 0
  for (const [at, word] of words.entries()) {
    if (word === '(') depth += 1
    if (word === ')') depth -= 1
    const next = words[at + 1] ?? ''
    if (word === ')' && depth === 0 && next !== 'AS' && next !== ',') return next
  }
  return ''
}
