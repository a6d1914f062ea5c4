import { DataLayerError, sqliteError, sqliteNumberFromMessage } from '../../../errors/index.ts'

// What stands before SQLite's own words, which may be a trigger's and look like any of this (RetHandler.java, Database.java).
const wrappings = [
  /^(?:Query|Run|Execute|ExecuteSet|Open|Close|CreateConnection|CloseConnection|DeleteDatabase): */,
  /^in selectSQL cursor */,
  /^Failed in \w+ ?:? */,
]
// «Run: Failed in runSQL :  Error: prepareSQL finalize failed rc: 19 message: …» (UtilsSQLCipher.swift)
const iosWrapping =
  /^(?:\w+: *)?Failed in \w+ ?:? *Error: ?\w+:? (?:(?:prepare|step|finalize) )?failed rc: (\d+) message: /
// Android's SQLiteConnection adds the whole text, which may hold a value that stood in it.
const quotedStatement = /,? while compiling: [^]*$/
const androidCode = / ?\((?:Sqlite )?code (\d+)(?: SQLITE_[A-Z_]+)?(?:\[\d+\])?\):?,?\s*$/
// The stand-in that a test runs the plugin's Java on says the code's name in front, as every JDBC driver of SQLite does.
const namedCode = /^\[(SQLITE_[A-Z_]+)\] +/
const constraint = 19
// Whole messages of CapacitorSQLite.java, CapacitorSQLite.swift and UtilsSQLCipher.swift, whose ends are names of databases:
// a trigger or the name of a table may say the same words behind SQLite's.
const noConnection = new RegExp(
  `^(?:(?:Query|Run|Execute|ExecuteSet|Open|Close|CloseConnection): *)*(?:${[
    'No available connection for database [\\w-]+',
    'Connection to [\\w-]+ not available',
    'database [\\w-]+ not opened',
    'Database [\\w-]+ not opened(?: or in read-only)?',
    '(?:Failed in \\w+ ?:? *|\\w+: *)?Database not opened',
  ].join('|')})\\.?$`,
  'i',
)

/** Whether the page has a connection that the native side has no more, or one that it never opened. */
export function isConnectionGone(error: unknown): boolean {
  return noConnection.test(wordsOf(error))
}

/** Whether the native side still has a connection from before the page was loaded anew. */
export function isConnectionLeft(error: unknown): boolean {
  return /already exists/i.test(wordsOf(error))
}

/** The coded error for whatever the plugin rejected with: an exception, or a bare string. None of them has a code. */
export function codedError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  const words = wordsOf(error)
  if (isConnectionGone(error))
    return new DataLayerError('storage-unavailable', 'The plugin has no open connection.', {
      details: { connection: 'gone' },
    })
  const ios = iosWrapping.exec(words)
  if (ios) return withCode(Number(ios[1]), words.slice(ios[0].length))
  const message = sqliteWords(words)
  return withCode(Number(androidCode.exec(message)?.[1] ?? 1), message.replace(androidCode, '').trim())
}

/** The coded error for a file that does not open. iOS gives no reason: its checkDB keeps none. */
export function openError(error: unknown, encrypted = false): DataLayerError {
  const coded = plainOpenError(error)
  if (!encrypted || coded.code !== 'not-a-database') return coded
  return new DataLayerError(
    'wrong-key',
    'The key does not open the database, or the file is none. It is left as it is.',
  )
}

function plainOpenError(error: unknown): DataLayerError {
  if (error instanceof DataLayerError) return error
  const words = wordsOf(error)
  if (/Cannot open the DB|open_v2 failed|Wrong Secret/.test(words))
    return new DataLayerError(
      'not-a-database',
      'The file cannot be read as a database: it is none, damaged or encrypted.',
    )
  const coded = codedError(error)
  return coded.code === 'sqlite' ? new DataLayerError('storage-unavailable', coded.message) : coded
}

function sqliteWords(words: string): string {
  let message = words.replace(quotedStatement, '')
  for (const wrapping of wrappings) message = message.replace(wrapping, '')
  return message.replace(namedCode, '')
}

function withCode(number: number, message: string): DataLayerError {
  return sqliteError(resultCode(number, message), message)
}

// Both give primary codes where SQLite's words say more; a constraint that the words do not name is a trigger's.
function resultCode(number: number, message: string): number {
  if (number > 0xff) return number
  const fromWords = sqliteNumberFromMessage(message)
  if (number === 1) return fromWords
  if (number === constraint && fromWords === 1) return 1811
  return (fromWords & 0xff) === number ? fromWords : number
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String((error as { message?: unknown } | null)?.message ?? error)
}
