import { closeSync, openSync, readSync } from 'node:fs'
import { headerLength, isPlainHeader } from '../../file-header.ts'

/** Whether a file begins as a database does that is not encrypted. */
export function isPlain(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    return isPlainHeader(firstBytes(file))
  } finally {
    closeSync(file)
  }
}

/** As many of a file's first bytes as a database's header has. */
export function firstBytes(file: number): Uint8Array {
  const bytes = new Uint8Array(headerLength)
  return bytes.subarray(0, readSync(file, bytes, 0, headerLength, 0))
}
