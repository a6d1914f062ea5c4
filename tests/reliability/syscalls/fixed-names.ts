import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

// strace's -P takes whole paths, so the names of copies and of unfinished files must be known before the run. They are
// made of the time, random bytes and the process's number: here all three are the same in every run.
const start = Date.UTC(2026, 10, 20, 12)
let next = 0

/** Starts the sequence of names anew. The next module that imports `randomBytes` gets the counted ones. */
export function restartNames(): void {
  next = 0
}

const SystemDate = Date
globalThis.Date = class extends SystemDate {
  constructor(...values: ConstructorParameters<typeof SystemDate> | []) {
    super(...((values.length === 0 ? [start + next] : values) as ConstructorParameters<typeof SystemDate>))
  }

  static override now(): number {
    return start + next
  }
} as DateConstructor

crypto.randomBytes = ((size: number) => {
  next += 1
  return Buffer.from(next.toString(16).padStart(size * 2, '0'), 'hex')
}) as typeof crypto.randomBytes
syncBuiltinESMExports()

Object.defineProperty(process, 'pid', { value: 4242 })
