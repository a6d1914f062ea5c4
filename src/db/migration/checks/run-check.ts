import { DataLayerError, shortenDid } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import type { Row } from '../../rows.ts'
import type { SqlValue } from '../../values.ts'
import type { Check } from '../component.ts'
import { readOnly } from './read-only.ts'

const mostRows = 100
const rowsOfError = new WeakMap<DataLayerError, readonly Row[]>()

/** @throws {DataLayerError} the check's code, `patch-failed` unless it names one, with the rows in `details.rows`, DIDs shortened */
export async function runCheck(tx: Queryable, check: Check): Promise<void> {
  const reader = readOnly(tx)
  const rows = typeof check.rows === 'string' ? await reader.query({ text: check.rows }) : await check.rows(reader)
  if (rows.length === 0) return
  const shown = rows.slice(0, mostRows)
  const error = new DataLayerError(check.code ?? 'patch-failed', check.message ?? `${check.name} does not hold.`, {
    details: {
      check: check.name,
      rows: shown.map((row) => shortenRow(row, shortenDid)),
      ...(rows.length > mostRows ? { total: rows.length } : {}),
    },
  })
  rowsOfError.set(
    error,
    shown.map((row) => shortenRow(row, (did) => did)),
  )
  throw error
}

/** The rows behind a failed check with their DIDs whole: for an answer that somebody asked for, never for a log. */
export function offendingRows(error: DataLayerError): readonly Row[] | undefined {
  return rowsOfError.get(error)
}

/** Makes one error stand for another that has been told more precisely. */
export function inheritRows(from: DataLayerError, to: DataLayerError): DataLayerError {
  const rows = rowsOfError.get(from)
  if (rows) rowsOfError.set(to, rows)
  return to
}

function shortenRow(row: Row, tellDid: (did: string) => string): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shortenValue(name, value, tellDid)]))
}

// A check may select what it likes, the words of a mnemonic included: what is shown of a text is what tells rows apart.
function shortenValue(name: string, value: SqlValue, tellDid: (did: string) => string): SqlValue {
  if (value instanceof Uint8Array) return `(a blob of ${value.length} bytes)`
  if (typeof value !== 'string') return value
  // What stands for a DID is one to its owner, however it is spelt.
  if (name === 'did' || /^did:[^\s:]+:\S+$/.test(value)) return tellDid(value)
  return /^[\d\s,;:.-]*$/.test(value) ? value : `(a text of ${value.length} characters)`
}
