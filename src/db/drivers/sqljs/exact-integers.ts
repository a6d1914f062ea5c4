import { parameterPlaces } from '../../parameters.ts'
import type { CheckedStatement } from '../../statement.ts'
import type { SqlValue } from '../../values.ts'
import type { SqljsValue } from './sqljs-types.ts'

export interface BoundStatement {
  readonly text: string
  readonly values: readonly SqljsValue[]
}

/**
 * A statement as sql.js can bind it. sql.js binds an integer beyond 32 bits as a double and a bigint as text, so such a
 * value crosses as its decimal digits and SQLite makes the integer. The plus in front takes the cast's affinity away
 * again: a bare `?` has none, and comparisons depend on it (sqlite.org/datatype3.html#affinity_of_expressions).
 */
export function bindExactly({ text, params }: CheckedStatement): BoundStatement {
  const wide = new Set<number>()
  const values = params.map((value, index): SqljsValue => {
    const digits = digitsBeyond32Bits(value)
    if (digits === undefined) return typeof value === 'bigint' ? Number(value) : value
    wide.add(index)
    return digits
  })
  if (wide.size === 0) return { text, values }
  let rewritten = ''
  let end = 0
  for (const place of parameterPlaces(text)) {
    const parameter = text.slice(place.start, place.end)
    rewritten += text.slice(end, place.start) + (wide.has(place.value) ? `(+CAST(${parameter} AS INTEGER))` : parameter)
    end = place.end
  }
  return { text: rewritten + text.slice(end), values }
}

function digitsBeyond32Bits(value: SqlValue): string | undefined {
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
  return isInteger && (Number(value) | 0) !== Number(value) ? String(value) : undefined
}
