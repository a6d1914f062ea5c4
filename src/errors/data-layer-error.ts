import { withoutBigInts } from './without-bigints.ts'
import { errorCatalogue, type ErrorCode } from './codes.ts'

/** SQLite's own names for a failure, for example `SQLITE_CONSTRAINT` and `SQLITE_CONSTRAINT_FOREIGNKEY`. */
export interface SqliteCode {
  readonly primary: string
  readonly extended: string
}

/** What an error may carry beside its message. Never a bound value, a key or a whole DID. */
export interface ErrorContext {
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
  readonly sqlite?: SqliteCode | undefined
}

/**
 * The one error this library throws. Tell cases apart by `code`, never by the message.
 *
 * @example
 * try {
 *   await dataLayer.identity.activate(did)
 * } catch (error) {
 *   if (error instanceof DataLayerError && error.code === 'unknown-account') showAccountPicker()
 *   else throw error
 * }
 */
export class DataLayerError extends Error {
  override readonly name = 'DataLayerError'
  readonly code: ErrorCode
  readonly details?: Readonly<Record<string, unknown>>
  readonly sqlite?: SqliteCode

  constructor(code: ErrorCode, message?: string, context: ErrorContext = {}) {
    super(message ?? errorCatalogue[code], context.cause === undefined ? undefined : { cause: context.cause })
    this.code = code
    if (context.details) this.details = context.details
    if (context.sqlite) this.sqlite = context.sqlite
  }

  /**
   * The plain object that a log or a JSON answer shows; an integer beyond 2^53 is decimal text. The cause is left out: an
   * engine's text may hold anything.
   */
  toJSON(): { code: ErrorCode; message: string; details?: unknown; sqlite?: SqliteCode } {
    return {
      code: this.code,
      message: this.message,
      ...(this.details ? { details: withoutBigInts(this.details) } : {}),
      ...(this.sqlite ? { sqlite: this.sqlite } : {}),
    }
  }
}
