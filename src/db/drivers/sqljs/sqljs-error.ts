import { DataLayerError, sqliteError, sqliteNumberFromMessage } from '../../../errors/index.ts'
import type { SqljsDatabase } from './sqljs-types.ts'

/** A failure that SQLite reported to sql.js, with its result code. */
export class SqljsFailure extends Error {
  readonly resultCode: number

  constructor(resultCode: number, message: string) {
    super(message)
    this.resultCode = resultCode
  }
}

/** Makes a database throw {@link SqljsFailure}: sql.js hands every result code to `handleError`, which keeps only the words. */
export function reportResultCodes(database: SqljsDatabase): void {
  const inWords = database.handleError
  database.handleError = (code) => {
    if (code === 0) return null
    try {
      return inWords.call(database, code)
    } catch (error) {
      throw new SqljsFailure(code, error instanceof Error ? error.message : String(error))
    }
  }
}

/** Answers the columns of a table's primary key, for a message that names columns only. */
export type PrimaryKeyOf = (table: string) => readonly string[]

/** The coded error for whatever sql.js threw. */
export function codedError(error: unknown, primaryKeyOf: PrimaryKeyOf = () => []): DataLayerError {
  if (error instanceof DataLayerError) return error
  if (error instanceof SqljsFailure) return sqliteError(extendedCode(error, primaryKeyOf), error.message)
  // sql.js throws bare strings too: «Statement closed».
  const words = error instanceof Error ? error.message : String(error)
  return new DataLayerError('sqlite', `sql.js failed: ${words}`, { cause: error })
}

const constraint = { any: 19, unique: 2067, primaryKey: 1555, rowid: 2579, trigger: 1811 }

// sql.js does not switch SQLite's extended codes on, so the message has to tell them apart.
function extendedCode({ resultCode, message }: SqljsFailure, primaryKeyOf: PrimaryKeyOf): number {
  const fromWords = sqliteNumberFromMessage(message)
  if (resultCode === constraint.any && (fromWords & 0xff) !== constraint.any) return constraint.trigger
  if ((fromWords & 0xff) !== resultCode) return resultCode
  return fromWords === constraint.unique ? uniqueCode(message, primaryKeyOf) : fromWords
}

function uniqueCode(message: string, primaryKeyOf: PrimaryKeyOf): number {
  const places = message.replace(/^.*UNIQUE constraint failed: /, '').split(', ')
  const table = places[0]?.split('.')[0] ?? ''
  const columns = places.map((place) => place.slice(table.length + 1))
  const key = primaryKeyOf(table)
  if (key.length === columns.length && key.every((column) => columns.includes(column))) return constraint.primaryKey
  return key.length === 0 && columns[0] === 'rowid' ? constraint.rowid : constraint.unique
}
