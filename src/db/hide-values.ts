import { DataLayerError } from '../errors/index.ts'
import type { SqlValue } from './values.ts'

/**
 * The same error without the statement's values in its message: SQLite quotes some (a JSON path), and a trigger's own
 * RAISE may.
 */
export function hideValues(error: DataLayerError, params: readonly SqlValue[]): DataLayerError {
  // Longest first, so that what is left of one is not taken for another. A letter or two would only garble the message.
  const texts = params
    .filter((value) => typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number')
    .map(String)
    .filter((text) => text.length > 2 && error.message.includes(text))
    .toSorted((a, b) => b.length - a.length)
  if (texts.length === 0) return error
  const message = texts.reduce((hidden, text) => hidden.replaceAll(text, '…'), error.message)
  return new DataLayerError(error.code, message, { details: error.details, sqlite: error.sqlite, cause: error.cause })
}
