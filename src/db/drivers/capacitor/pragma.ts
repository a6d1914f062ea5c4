import { nameOf } from '../../sql-text/tokenize.ts'
import { statementKind } from './statement-kind.ts'

// Pragmas that only read, and those of them that are about something. All have a table-valued function of the same columns.
const readers = new Set(
  `application_id auto_vacuum cache_size collation_list compile_options data_version database_list encoding foreign_keys
   foreign_key_check freelist_count function_list integrity_check journal_mode module_list page_count page_size pragma_list
   quick_check recursive_triggers schema_version synchronous table_list user_version`.split(/\s+/),
)
const readersOf = new Set(
  `foreign_key_check foreign_key_list index_info index_list index_xinfo integrity_check quick_check table_info table_list
   table_xinfo`.split(/\s+/),
)

// Of the readers, those whose function takes a schema (src/pragma.h, PragFlg_SchemaReq and PragFlg_SchemaOpt).
const ofSchema = new Set('auto_vacuum cache_size journal_mode page_count page_size synchronous'.split(' '))

/**
 * A PRAGMA that reads, as the SELECT that gives the same: its answer then has its columns also without rows.
 *
 * @returns `undefined` for one that sets something, and where the function takes less than the PRAGMA does
 */
export function pragmaSelect(text: string): string | undefined {
  const { tokens } = statementKind(text)
  const words = tokens.map((token) => nameOf(token) ?? token.text)
  const named = words[2] === '.' ? 3 : 1
  const pragma = (words[named] ?? '').toLowerCase()
  const rest = words.slice(named + 1)
  const inParentheses = rest[0] === '(' && rest.at(-1) === ')'
  const given = inParentheses ? rest.slice(1, -1).join('') : rest[0] === '=' ? rest.slice(1).join('') : undefined
  if (given === undefined ? rest.length > 0 || !readers.has(pragma) : !readersOf.has(pragma)) return undefined
  // Where nothing is named it looks at main alone, as the function does, which takes no schema without a table.
  const isBare = given === undefined && pragma === 'foreign_key_check' && words[1]?.toLowerCase() === 'main'
  const schema = named === 3 && !isBare ? [words[1] ?? ''] : []
  if (schema.length > 0 && (given === undefined ? !ofSchema.has(pragma) : pragma === 'table_list')) return undefined
  // A number is how many findings are wanted; the function would take it for a table's name.
  if (given !== undefined && /^\d/.test(given)) return undefined
  const literals = [...(given === undefined ? [] : [given]), ...schema].map((word) => `'${word.replaceAll("'", "''")}'`)
  // The schema is the last of a function's arguments; a pragma without another has it as its first.
  return `SELECT * FROM pragma_${pragma}${literals.length > 0 ? `(${literals.join(', ')})` : ''}`
}
