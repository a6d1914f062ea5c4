import { DataLayerError } from '../../../../errors/index.ts'
import { nameOf, type Token } from '../../../sql-text/tokenize.ts'
import { TextCache } from '../../../text-cache.ts'
import { isWord, pragmaOfTokens, statementTokens } from '../host/pragma.ts'

/** PRAGMAs that only tell, with or without an argument. */
const tellingPragmas = new Set([
  'collation_list',
  'compile_options',
  'foreign_key_check',
  'foreign_key_list',
  'function_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'module_list',
  'pragma_list',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
])
/** PRAGMAs that tell without an argument and would change something with one. */
const readablePragmas = new Set([
  'application_id',
  'auto_vacuum',
  'busy_timeout',
  'cache_size',
  'cache_spill',
  'data_version',
  'defer_foreign_keys',
  'encoding',
  'foreign_keys',
  'freelist_count',
  'ignore_check_constraints',
  'journal_mode',
  'legacy_alter_table',
  'page_count',
  'page_size',
  'recursive_triggers',
  'schema_version',
  'synchronous',
  'user_version',
])
/** Two numbers in the file's header that are the app's own, and the switch that each window has for itself. */
const writablePragmas = new Set(['application_id', 'foreign_keys', 'user_version'])
/** What a migration sets for the time of its session. */
const sessionPragmas = new Set(['cache_spill', 'defer_foreign_keys', 'ignore_check_constraints', 'legacy_alter_table'])
/** What loads code, sets a pointer in main, writes pages past every rule, changes the cipher, or reads and writes files. */
const forbiddenName =
  /^(?:load_extension|fts3_tokenizer|sqlite_dbpage|sqlite3mc_.*|readfile|writefile|sqlar_.*|zipfile)$/

/** In every text that is refused: however a name is quoted, its letters stand together. */
const suspicious =
  /attach|detach|vacuum|temp|pragma|load_extension|fts3_tokenizer|sqlite_dbpage|sqlite3mc_|file|sqlar_/i

const known = new TextCache<string | undefined>(1000)

/**
 * Refuses what reaches beyond the one database that the window was given, or past SQLite's own safety. By the tokens as
 * SQLite cuts them: a pattern over the text would be fooled by comments and quotes.
 *
 * @param inSession whether the connection is the caller's alone, and put back to what it was afterwards
 * @throws {DataLayerError} `unsupported`
 */
export function checkAllowed(text: string, inSession: boolean): void {
  if (!suspicious.test(text)) return
  const key = `${inSession ? 's' : 'r'}${text}`
  const reason = known.has(key) ? known.get(key) : refusal(statementTokens(text), inSession)
  known.set(key, reason)
  if (reason !== undefined) throw new DataLayerError('unsupported', reason)
}

function refusal(tokens: readonly Token[], inSession: boolean): string | undefined {
  const [first, second] = tokens
  if (isWord(first, 'CREATE') && (isWord(second, 'TEMP') || isWord(second, 'TEMPORARY') || createsInTemp(tokens)))
    return 'TEMP objects are refused: all windows share one connection, and would see them.'
  if (isWord(first, 'ATTACH') || isWord(first, 'DETACH')) return 'A window has one database; ATTACH is refused.'
  if (isWord(first, 'VACUUM') && tokens.some((token) => isWord(token, 'INTO')))
    return 'VACUUM INTO is refused; write a copy instead.'
  if (tokens.some(isForbiddenName)) return 'This function or table is refused.'
  return pragmaRefusal(tokens, inSession)
}

/** `CREATE TABLE temp.name`, whichever kind and with `IF NOT EXISTS`. */
function createsInTemp(tokens: readonly Token[]): boolean {
  const before = new Set(['CREATE', 'UNIQUE', 'VIRTUAL', 'TABLE', 'VIEW', 'INDEX', 'TRIGGER', 'IF', 'NOT', 'EXISTS'])
  const at = tokens.findIndex((token) => token.kind !== 'word' || !before.has(token.text.toUpperCase()))
  const schema = tokens[at]
  return tokens[at + 1]?.text === '.' && schema !== undefined && nameOf(schema)?.toLowerCase() === 'temp'
}

function pragmaRefusal(tokens: readonly Token[], inSession: boolean): string | undefined {
  const pragma = pragmaOfTokens(tokens)
  if (!pragma || tellingPragmas.has(pragma.name)) return undefined
  const { name, argument } = pragma
  if (argument === undefined) return readablePragmas.has(name) ? undefined : 'This PRAGMA is refused.'
  if (writablePragmas.has(name) || (inSession && sessionPragmas.has(name))) return undefined
  return 'This PRAGMA is refused: it would change more than the window’s own work.'
}

// Also where it is a column's name or a text: SQLite takes a text for a table's name, and nobody has called anything so.
function isForbiddenName(token: Token): boolean {
  const name = (nameOf(token) ?? '').toLowerCase()
  return forbiddenName.test(name) || (name.startsWith('pragma_') && !isReadablePragma(name.slice('pragma_'.length)))
}

/** A table-valued `pragma_…` may be read when its PRAGMA may. None of those that only tell without an argument takes one. */
function isReadablePragma(name: string): boolean {
  return tellingPragmas.has(name) || readablePragmas.has(name)
}
