import { DataLayerError, type ErrorCode, type SqliteCode } from '../errors/index.ts'

/** An error as it crosses a boundary: a clone loses its class and its code, and Electron's IPC all but its message. */
export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly sqlite?: SqliteCode | undefined
}

export type Answer<T = unknown> = { readonly value: T } | { readonly error: PlainError }

/** Calls `work`, and answers what it gives or throws. Never rejects. */
export async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error: toPlainError(error) }
  }
}

/** @throws {DataLayerError} the error that was answered */
export function valueOf<T>(answered: Answer<T>): T {
  if ('value' in answered) return answered.value
  const { code, message, details, sqlite } = answered.error
  throw new DataLayerError(code, message, { details, sqlite })
}

function toPlainError(error: unknown): PlainError {
  // What an unknown error says may quote a path or a value: only its kind crosses.
  const coded =
    error instanceof DataLayerError
      ? error
      : new DataLayerError(
          'sqlite',
          `The database failed where it runs: ${error instanceof Error ? error.name : typeof error}.`,
        )
  return { code: coded.code, message: coded.message, details: coded.details, sqlite: coded.sqlite }
}
