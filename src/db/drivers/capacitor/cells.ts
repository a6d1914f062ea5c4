import { DataLayerError } from '../../../errors/index.ts'
import { decodeInteger, type SqlValue } from '../../values.ts'

/**
 * An expression that gives a value in a form that comes over the bridge whole. As they are, JSON rounds an integer beyond
 * 2^53 and has no infinity (which ends an app on iOS), iOS ends a text at its first NUL and makes NULL of an empty blob.
 */
export function cellExpression(value: string): string {
  return `CASE typeof(${value})
    WHEN 'integer' THEN CASE WHEN ${value} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${value} ELSE 'i' || ${value} END
    WHEN 'text' THEN CASE WHEN instr(${value}, char(0)) > 0 THEN 'j' || json_quote(${value}) ELSE 't' || ${value} END
    WHEN 'blob' THEN 'b' || hex(${value})
    WHEN 'real' THEN CASE WHEN abs(${value}) = 9e999 THEN 'r' || ${value} ELSE ${value} END
    END`
}

/** The value that {@link cellExpression} gave. */
export function decodeCell(cell: unknown): SqlValue {
  if (cell === null || cell === undefined) return null
  if (typeof cell === 'number') return cell
  if (typeof cell === 'string') {
    const rest = cell.slice(1)
    switch (cell.charAt(0)) {
      case 't':
        return rest
      case 'i':
        return decodeInteger(BigInt(rest))
      case 'b':
        return bytesOf(rest)
      case 'j':
        return JSON.parse(rest) as string
      case 'r':
        return rest.startsWith('-') ? -Infinity : Infinity
    }
  }
  throw new DataLayerError('sqlite', 'The plugin gave a value in a form that was not asked for.')
}

/** A value of a statement that could not be asked for its cells: a PRAGMA's, an EXPLAIN's. */
export function decodeBare(value: unknown): SqlValue {
  if (Array.isArray(value)) return Uint8Array.from(value as number[])
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = digitAt(hex, at * 2) * 16 + digitAt(hex, at * 2 + 1)
  return bytes
}

// SQLite's hex() writes capitals.
function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at)
  return code < 65 ? code - 48 : code - 55
}
