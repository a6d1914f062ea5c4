import { DataLayerError } from '../errors/index.ts'

/** What an engine stores and returns. Integers beyond 2^53 come back as `bigint`, all others as `number`. */
export type SqlValue = null | string | number | bigint | Uint8Array

const largestInteger = 2n ** 63n - 1n
const smallestInteger = -(2n ** 63n)

/**
 * The one gate that every bound value passes, the same for all engines: what they would round, coerce or turn into NULL
 * is refused before it reaches any of them (what each would do: the value tables of the plugin and of sql.js differ in 11 of 13 rows).
 *
 * @param value what the caller bound
 * @param position the parameter's place, from 1, for the message
 * @throws {DataLayerError} `invalid-value` for `undefined`, `NaN`, an infinity, an integer beyond 64 bits, text that is not
 * well-formed UTF-16, a boolean, a date, an array or an object. The message names the place and the type, never the value.
 */
export function checkValue(value: unknown, position: number): SqlValue {
  switch (typeof value) {
    case 'string':
      // A lone surrogate has no UTF-8 form; engines write U+FFFD in its place and the text comes back changed.
      if (!value.isWellFormed()) throw invalid(position, 'text with a lone surrogate')
      return value
    case 'number':
      if (!Number.isFinite(value)) throw invalid(position, String(value))
      return value
    case 'bigint':
      if (value > largestInteger || value < smallestInteger) throw invalid(position, 'an integer beyond 64 bits')
      return value
    case 'object':
      if (value === null) return null
      // By its tag, which a typed array of another window has too and a Proxy around one has not. Copied, because the
      // statement may have to wait for its turn and the caller may write to the bytes meanwhile.
      if (Object.prototype.toString.call(value) === '[object Uint8Array]') return new Uint8Array(value as Uint8Array)
      throw invalid(position, Array.isArray(value) ? 'an array' : `a ${className(value)}`)
    default:
      throw invalid(position, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`)
  }
}

/** By its prototype: a field of its own called `constructor` is the caller's data, and ends up in no message. */
function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype as { constructor?: { name?: string } } | null)?.constructor?.name ?? 'object'
}

function invalid(position: number, what: string): DataLayerError {
  return new DataLayerError('invalid-value', `Parameter ${position} is ${what}, which no SQLite column stores.`, {
    details: { parameter: position, type: what },
  })
}

/** An integer as engines hand it over, made `number` where that is exact. */
export function decodeInteger(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}
