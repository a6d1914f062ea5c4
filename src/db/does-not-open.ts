import { DataLayerError, type ErrorCode } from '../errors/index.ts'

const codes: ReadonlySet<ErrorCode> = new Set(['corrupt', 'not-a-database', 'wrong-key', 'unsupported'])

/** Whether what `open` rejected with is the database's own state, which a copy put in its place would mend. */
export function doesNotOpen(error: unknown): boolean {
  return error instanceof DataLayerError && codes.has(error.code)
}
