import { failedStatement } from '../../../failed-statement.ts'
import { checkStatement, type CheckedStatement } from '../../../statement.ts'
import type { RestoreOptions, RunOptions } from '../../../driver.ts'
import { DataLayerError } from '../../../../errors/index.ts'
import type { Message } from '../bridge.ts'
import type { Call, CopyPlace, OperationName, Patience } from '../calls/operations.ts'
import { isWord, statementTokens } from '../host/pragma.ts'
import { checkAllowed } from './check-allowed.ts'
import { elements, identifierOf, malformed, ownFields } from './plain-values.ts'

/** How large a message may be, and how many at once. */
export interface MessageLimits {
  /** Statements in one batch. */
  readonly statements: number
  /** Values bound to one statement: SQLite's own limit unless said. */
  readonly params: number
  /** Characters of one statement's text: SQLite's own limit is a thousand times as much, which main would stand still for. */
  readonly text: number
  /** Characters of all texts of one message: each is read before it is handed on. */
  readonly texts: number
  /** Bytes of all texts and values of one message, each character counted as two. */
  readonly bytes: number
  /** Calls of one window that are under way. */
  readonly pending: number
  /** Bytes of all texts and values of those. */
  readonly pendingBytes: number
}

export const usualLimits: MessageLimits = {
  statements: 10_000,
  params: 32_766,
  text: 1024 * 1024,
  texts: 2 * 1024 * 1024,
  bytes: 64 * 1024 * 1024,
  pending: 10_000,
  pendingBytes: 256 * 1024 * 1024,
}

/** Launches wait for minutes, never for ever. */
const longestWait = 60 * 60 * 1000
const longestPath = 4096
const mostQueries = 100

/**
 * Makes a call of what came through the door, or refuses it. Nothing of the message itself is handed on: every field is
 * looked at and copied.
 *
 * @throws {DataLayerError} `unsupported` or `invalid-value`
 */
export function checkMessage(message: unknown, limits: MessageLimits): Message {
  const fields = ownFields(message, ['page', 'database', 'name', 'values'])
  const name = fields['name']
  if (typeof name !== 'string' || !Object.hasOwn(checks, name)) throw malformed('an unknown call')
  return {
    page: identifierOf(fields['page']),
    database: identifierOf(fields['database']),
    ...checks[name as OperationName](elements(fields['values'], 3), limits),
  }
}

type Check = (values: readonly unknown[], limits: MessageLimits) => Call

const checks: { readonly [Name in OperationName]: Check } = {
  open: (values) => ({ name: 'open', values: [identifierOf(first(values, 2)), patience(values[1])] }),
  close: (values) => ({ name: 'close', values: [onlyId(values)] }),
  run: (values, limits) => ({ name: 'run', values: batch(values, limits, false) }),
  reserve: (values) => ({
    name: 'reserve',
    values: [identifierOf(first(values, 3)), identifierOf(values[1]), patience(values[2])],
  }),
  runInSession: (values, limits) => ({ name: 'runInSession', values: batch(values, limits, true) }),
  release: (values) => ({ name: 'release', values: [onlyId(values)] }),
  export: (values) => ({ name: 'export', values: [onlyId(values)] }),
  writeCopy: (values) => ({ name: 'writeCopy', values: [identifierOrNone(first(values, 2)), copyPlace(values[1])] }),
  listCopies: (values) => ({ name: 'listCopies', values: [identifierOrNone(first(values, 2)), copyPlace(values[1])] }),
  removeCopy: (values) => ({ name: 'removeCopy', values: [identifierOrNone(first(values, 2)), path(values[1])] }),
  restoreCopy: (values, limits) => ({
    name: 'restoreCopy',
    values: [identifierOrNone(first(values, 3)), path(values[1]), restoreOptions(values[2], limits)],
  }),
  lock: (values) => ({ name: 'lock', values: [identifierOf(first(values, 2)), milliseconds(values[1])] }),
  unlock: (values) => ({ name: 'unlock', values: [onlyId(values)] }),
}

/** The first of exactly `count` values. */
function first(values: readonly unknown[], count: number): unknown {
  if (values.length !== count) throw malformed('a wrong number of values')
  return values[0]
}

function onlyId(values: readonly unknown[]): string {
  return identifierOf(first(values, 1))
}

/** Copies have a connection, or none. */
function identifierOrNone(value: unknown): string | null {
  return value === null ? null : identifierOf(value)
}

function batch(
  values: readonly unknown[],
  limits: MessageLimits,
  inSession: boolean,
): [string, CheckedStatement[], RunOptions] {
  const id = identifierOf(first(values, 3))
  let left = limits.bytes
  let textsLeft = limits.texts
  const statements = elements(values[1], limits.statements).map((value, index) => {
    const { text, params } = ownFields(value, ['text', 'params'])
    if (typeof text !== 'string') throw malformed('a statement without a text')
    textsLeft -= text.length
    if (text.length > limits.text || textsLeft < 0) throw malformed('too long a statement, or too many')
    const bound = elements(params, limits.params)
    for (const each of [text, ...bound]) left -= sizeOf(each)
    if (left < 0) throw malformed('too large')
    return checked(text, bound, index, inSession)
  })
  const { transaction, lockTimeoutMs } = ownFields(values[2], ['transaction', 'lockTimeoutMs'])
  if (transaction !== undefined && typeof transaction !== 'boolean') throw malformed('no option')
  const options = {
    ...(transaction === undefined ? {} : { transaction }),
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs: milliseconds(lockTimeoutMs) }),
  }
  return [id, statements, options]
}

function checked(text: string, params: readonly unknown[], index: number, inSession: boolean): CheckedStatement {
  try {
    const statement = checkStatement({ text, params })
    checkAllowed(statement.text, inSession)
    return statement
  } catch (error) {
    throw error instanceof DataLayerError ? failedStatement(error, index) : error
  }
}

/** Bytes of what a call has for the database, each character counted as two. */
export function sizeOfCall(call: Call): number {
  if (call.name !== 'run' && call.name !== 'runInSession') return 0
  let bytes = 0
  for (const { text, params } of call.values[1]) for (const each of [text, ...params]) bytes += sizeOf(each)
  return bytes
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length
  return ArrayBuffer.isView(value) ? value.byteLength : 8
}

function copyPlace(value: unknown): CopyPlace {
  const { directory, location } = ownFields(value, ['directory', 'location'])
  return {
    ...(directory === undefined ? {} : { directory: path(directory) }),
    ...(location === undefined ? {} : { location: path(location) }),
  }
}

function restoreOptions(value: unknown, limits: MessageLimits): RestoreOptions {
  const { belongs, lockTimeoutMs } = ownFields(value, ['belongs', 'lockTimeoutMs'])
  const options = lockTimeoutMs === undefined ? {} : { lockTimeoutMs: milliseconds(lockTimeoutMs) }
  if (belongs === undefined) return options
  const queries = elements(belongs, mostQueries).map((text, index) => {
    if (typeof text !== 'string') throw malformed('a query without a text')
    if (text.length > limits.text) throw malformed('too long a query')
    const query = checked(text, [], index, false).text
    // A copy is asked by the engine itself, past what a connection refuses.
    const tokens = statementTokens(query)
    if (!isWord(tokens[0], 'SELECT') || tokens.some(({ kind }) => kind === 'variable'))
      throw malformed('a query that is no SELECT')
    return query
  })
  return { ...options, belongs: queries }
}

function patience(value: unknown): Patience {
  const { lockTimeoutMs } = ownFields(value, ['lockTimeoutMs'])
  return lockTimeoutMs === undefined ? {} : { lockTimeoutMs: milliseconds(lockTimeoutMs) }
}

function path(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > longestPath || value.includes('\0'))
    throw malformed('no path')
  return value
}

function milliseconds(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw malformed('no time')
  return Math.min(value, longestWait)
}
