import { DataLayerError, shortenDid } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import type { Row } from '../../rows.ts'
import type { SqlValue } from '../../values.ts'
import type { Check } from '../component.ts'

const mostRows = 100

/** @throws {DataLayerError} the check's code, `patch-failed` unless it names one, with the rows in `details.rows`, DIDs shortened */
export async function runCheck(tx: Queryable, check: Check): Promise<void> {
  const rows = typeof check.rows === 'string' ? await tx.query({ text: check.rows }) : await check.rows(tx)
  if (rows.length === 0) return
  throw new DataLayerError(check.code ?? 'patch-failed', check.message ?? `${check.name} does not hold.`, {
    details: {
      check: check.name,
      rows: rows.slice(0, mostRows).map(shortenRow),
      ...(rows.length > mostRows ? { total: rows.length } : {}),
    },
  })
}

function shortenRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shortenValue(name, value)]))
}

// A check may select what it likes, the words of a mnemonic included: what is shown of a text is what tells rows apart.
function shortenValue(name: string, value: SqlValue): SqlValue {
  if (value instanceof Uint8Array) return `(a blob of ${value.length} bytes)`
  if (typeof value !== 'string') return value
  // What stands for a DID is one to its owner, however it is spelt.
  if (name === 'did' || /^did:[^\s:]+:\S+$/.test(value)) return shortenDid(value)
  return /^[\d\s,;:.-]*$/.test(value) ? value : `(a text of ${value.length} characters)`
}
