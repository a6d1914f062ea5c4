import { DataLayerError } from '../errors/index.ts'
import type { SqlValue } from '../db/values.ts'

/** How one kind of column crosses between the app and the database. */
export interface ColumnCodec<T> {
  readonly kind: 'text' | 'number' | 'boolean' | 'json'
  /** The stored form; `undefined` when the value is of a type this column does not take. */
  encode(value: unknown): SqlValue | undefined
  /** The app's form of what is stored; `undefined` when that cannot be one. Never called with NULL. */
  decode(value: Exclude<SqlValue, null>): T | null | undefined
}

const text: ColumnCodec<string> = {
  kind: 'text',
  encode: (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined),
  // A column without a type keeps what older code put in it, numbers included.
  decode: (value) => (value instanceof Uint8Array ? undefined : String(value)),
}

const number: ColumnCodec<number> = {
  kind: 'number',
  encode: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  decode(value) {
    if (typeof value === 'number') return value
    // A TEXT column gives the digits back as text.
    if (typeof value !== 'string' || value.trim() === '') return undefined
    return Number.isFinite(Number(value)) ? Number(value) : undefined
  },
}

const trueForms: readonly unknown[] = [1, '1', 'true']
const falseForms: readonly unknown[] = [0, '0', 'false']

const boolean: ColumnCodec<boolean> = {
  kind: 'boolean',
  encode: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  decode(value) {
    if (trueForms.includes(value)) return true
    return falseForms.includes(value) ? false : undefined
  },
}

/** A list or an object as JSON text. Text given to `encode` is taken for JSON already, as older callers hand it over. */
function json<T extends object>(): ColumnCodec<T> {
  return {
    kind: 'json',
    encode(value) {
      try {
        if (typeof value === 'string') return isObject(parseJson(value)) ? value : undefined
        return isObject(value) ? JSON.stringify(value, refuseLossy) : undefined
      } catch {
        return undefined
      }
    },
    decode(value) {
      if (typeof value !== 'string') return undefined
      if (value === '') return null
      try {
        const parsed = parseJson(value)
        return parsed === null || isObject(parsed) ? (parsed as T | null) : undefined
      } catch {
        return undefined
      }
    },
  }
}

// Web and phones disagreed on who encodes, so that the text of some devices was encoded twice.
function parseJson(value: string): unknown {
  let parsed: unknown = JSON.parse(value)
  while (typeof parsed === 'string') parsed = JSON.parse(parsed)
  return parsed
}

// JSON would quietly turn NaN into null and leave a function out.
function refuseLossy(_key: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError('not JSON')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('not JSON')
  return value
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The codecs a schema description names. */
export const codecs = { text, number, boolean, json } as const

const expectations = {
  text: 'text',
  number: 'a finite number',
  boolean: 'true or false',
  json: 'a list or an object that JSON can hold',
} as const

/**
 * The stored form of a value that is not `undefined`; `null` stays `null`.
 *
 * @throws {DataLayerError} `invalid-value`, naming the column and never the value
 */
export function encodeColumn(table: string, column: string, codec: ColumnCodec<unknown>, value: unknown): SqlValue {
  if (value === null) return null
  const stored = codec.encode(value)
  if (stored !== undefined) return stored
  throw new DataLayerError('invalid-value', `${table}.${column} takes ${expectations[codec.kind]}.`, {
    details: { table, column, expected: codec.kind },
  })
}

/**
 * The app's form of what a column holds; `undefined` for NULL.
 *
 * @throws {DataLayerError} `invalid-value`, naming the column and never the value
 */
export function decodeColumn<T>(table: string, column: string, codec: ColumnCodec<T>, value: SqlValue): T | undefined {
  if (value === null) return undefined
  const decoded = codec.decode(value)
  if (decoded === undefined) {
    throw new DataLayerError(
      'invalid-value',
      `${table}.${column} holds something other than ${expectations[codec.kind]}.`,
      {
        details: { table, column, expected: codec.kind },
      },
    )
  }
  return decoded ?? undefined
}
