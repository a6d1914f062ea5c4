import { DataLayerError, type ErrorCode, type SqliteCode } from '../../errors/index.ts'
import type { DriverCapabilities } from '../../db/driver.ts'

/** @throws an Error that shows both values, when they differ */
export function expectEqual(actual: unknown, expected: unknown, what = 'the value'): void {
  if (same(actual, expected)) return
  throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`)
}

export function expectTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

/** Expects a `DataLayerError` with a code, and answers it. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: ErrorCode,
  what = 'the call',
): Promise<DataLayerError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) throw new Error(`${what}: expected a rejection with ${code}, got ${show(outcome.value)}`)
  const { error } = outcome
  if (!(error instanceof DataLayerError)) throw new Error(`${what}: expected a DataLayerError, got ${String(error)}`)
  expectEqual(error.code, code, `${what}: the error's code (${error.message})`)
  return error
}

/** Expects SQLite's names for a failure. The extended one is exact where the engine gives it, and at best worked out elsewhere. */
export async function expectSqliteError(
  promise: Promise<unknown>,
  code: ErrorCode,
  sqlite: SqliteCode,
  { extendedErrorCodes }: DriverCapabilities,
): Promise<DataLayerError> {
  const error = await expectRejection(promise, code)
  expectEqual(error.sqlite?.primary, sqlite.primary, 'the primary code')
  if (extendedErrorCodes) expectEqual(error.sqlite?.extended, sqlite.extended, 'the extended code')
  return error
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return (
      a instanceof Uint8Array &&
      b instanceof Uint8Array &&
      a.length === b.length &&
      a.every((byte, at) => byte === b[at])
    )
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => key in b && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes [${value.slice(0, 16).join(' ')}]`
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'number' || value === undefined) return String(value)
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
