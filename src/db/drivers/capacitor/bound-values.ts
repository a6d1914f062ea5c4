import { replaceParameters } from '../../replace-parameters.ts'
import type { CheckedStatement } from '../../statement.ts'
import type { SqlValue } from '../../values.ts'
import type { PluginValue } from './plugin.ts'

export interface BoundStatement {
  readonly text: string
  readonly values: PluginValue[]
}

/**
 * A statement as both platforms bind it alike. iOS binds every number as a double (UtilsBinding.swift, `as? Double` first)
 * and cuts text at a NUL (`sqlite3_bind_text` with -1); Android takes a blob in some calls and fails or writes NULL in
 * others (UtilsSQLite.objectJSArrayToArrayList). So an integer crosses as its digits and SQLite makes it again, as it makes
 * a blob from hex in the statement's text, and a NUL from a mark in its place. The plus takes a cast's affinity away: a bare `?`
 * has none.
 */
export function bindForPlugin({ text, params }: CheckedStatement): BoundStatement {
  const values = params.map((value): PluginValue => {
    if (isInteger(value)) return String(value === 0 ? 0 : value)
    if (hasNul(value)) return value.replaceAll('\0', String.fromCharCode(codeNotIn(value)))
    return value instanceof Uint8Array ? null : (value as PluginValue)
  })
  return { text: replaceParameters(text, params, expressionFor), values }
}

function expressionFor(value: SqlValue, _index: number, parameter: string): string | undefined {
  if (isInteger(value)) return `(+CAST(${parameter} AS INTEGER))`
  // Android's JSON reads a whole number of up to 64 bits as an integer.
  if (typeof value === 'number' && Number.isInteger(value)) return `(+CAST(${parameter} AS REAL))`
  // The parameter stays in the text, bound to NULL, so that those after it keep their numbers.
  if (value instanceof Uint8Array) return `coalesce(x'${hexOf(value)}',${parameter})`
  if (hasNul(value)) return `replace(${parameter},char(${codeNotIn(value)}),char(0))`
  return undefined
}

/** A column's name, that SQLite took from the text of its expression, with the parameters as they were written. */
export function withoutExpressions(name: string): string {
  if (!/CAST\(|coalesce\(|replace\(/.test(name)) return name
  return name
    .replaceAll(/\(\+CAST\((\?\d*) AS (?:INTEGER|REAL)\)\)/g, '$1')
    .replaceAll(/replace\((\?\d*),char\(\d+\),char\(0\)\)/g, '$1')
    .replaceAll(/coalesce\(x'[0-9a-f]*',(\?\d*)\)/g, '$1')
}

function isInteger(value: SqlValue): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function hasNul(value: SqlValue): value is string {
  return typeof value === 'string' && value.includes('\0')
}

/** A character, by its code, that the text has not. */
function codeNotIn(text: string): number {
  let code = 1
  while (text.includes(String.fromCharCode(code))) code += 1
  return code
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexOf(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += hexOfByte[byte]
  return hex
}
