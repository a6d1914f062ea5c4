import { replaceParameters } from '../../replace-parameters.ts'
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
  let exact = true
  const values = params.map((value): SqljsValue => {
    const digits = digitsBeyond32Bits(value)
    if (digits === undefined) return typeof value === 'bigint' ? Number(value) : value
    exact = false
    return digits
  })
  if (exact) return { text, values }
  const cast = (value: SqlValue, _: number, parameter: string) =>
    digitsBeyond32Bits(value) === undefined ? undefined : `(+CAST(${parameter} AS INTEGER))`
  return { text: replaceParameters(text, params, cast), values }
}

function digitsBeyond32Bits(value: SqlValue): string | undefined {
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
  return isInteger && (Number(value) | 0) !== Number(value) ? String(value) : undefined
}
