import { DataLayerError } from '../errors/index.ts'
import { tokenize } from './sql-text/tokenize.ts'
import type { CheckedStatement } from './statement.ts'

/** Where one parameter stands in a statement's text, and which value goes there (from 0). */
export interface ParameterPlace {
  readonly start: number
  readonly end: number
  readonly value: number
}

const placesByText = new Map<string, readonly ParameterPlace[]>()

/**
 * The `?` and `?NNN` places of a text, numbered as SQLite does: a bare `?` is one more than the highest so far.
 *
 * @throws {DataLayerError} `unsupported` for a named parameter: engines differ in the names they take
 */
export function parameterPlaces(text: string): readonly ParameterPlace[] {
  const known = placesByText.get(text)
  if (known) return known
  const places: ParameterPlace[] = []
  let highest = 0
  for (const token of tokenize(text)) {
    if (token.kind !== 'variable') continue
    if (!token.text.startsWith('?')) {
      throw new DataLayerError('unsupported', 'Parameters are ? places; named ones are not supported.')
    }
    const number = token.text === '?' ? highest + 1 : Number(token.text.slice(1))
    highest = Math.max(highest, number)
    places.push({ start: token.start, end: token.start + token.text.length, value: number - 1 })
  }
  if (placesByText.size > 1000) placesByText.clear()
  placesByText.set(text, places)
  return places
}

/**
 * Refuses a statement that has more or fewer values than places. Engines do not agree: node:sqlite and sql.js fill
 * missing ones with NULL, or with what the last call bound.
 *
 * @throws {DataLayerError} `invalid-value` with `details.expected` and `details.given`
 */
export function checkParameterCount({ text, params }: CheckedStatement): void {
  const expected = parameterPlaces(text).reduce((most, { value }) => Math.max(most, value + 1), 0)
  if (params.length === expected) return
  throw new DataLayerError(
    'invalid-value',
    `The statement has ${expected} ? places and was given ${params.length} values.`,
    {
      details: { expected, given: params.length },
    },
  )
}
