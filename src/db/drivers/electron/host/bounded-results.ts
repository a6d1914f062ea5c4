import { DataLayerError } from '../../../../errors/index.ts'
import type { ResultSet } from '../../../driver.ts'

/** Bytes of all values that one call may answer, each character counted as two. */
const most = 256 * 1024 * 1024

/**
 * Refuses to carry across what would fill main and the window: SQLite itself makes values of up to a gigabyte.
 *
 * @throws {DataLayerError} `unsupported`, or `outcome-unknown` when something was written too
 */
export function boundedResults(results: readonly ResultSet[]): void {
  let bytes = 0
  for (const { rows } of results) {
    for (const row of rows) {
      for (const value of row) {
        if (typeof value === 'string') bytes += 2 * value.length
        else bytes += value instanceof Uint8Array ? value.byteLength : 8
      }
    }
  }
  if (bytes <= most) return
  const wrote = results.some(({ tables }) => tables.length > 0)
  throw new DataLayerError(
    wrote ? 'outcome-unknown' : 'unsupported',
    `The answer has more than ${most} bytes; ask for less at a time.`,
  )
}
