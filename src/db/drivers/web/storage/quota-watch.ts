import { DataLayerError } from '../../../../errors/index.ts'
import { syncFileMethods } from './sync-files.ts'

let full: DOMException | undefined
let watching = false

/** In a private window Chromium throws nothing: it answers an error's number (-8) in the place of a length. */
const noSpace = 2 ** 32 - 8

/**
 * Remembers a file handle's quota error. SQLite's VFS answers with nothing but «disk I/O error», and that there is no room
 * left is what the user can do something about.
 */
export function watchQuota(): void {
  const methods = syncFileMethods() as unknown as Record<string, (...values: unknown[]) => unknown> | undefined
  if (watching || !methods) return
  watching = true
  for (const name of ['write', 'truncate', 'flush']) {
    const original = methods[name]
    if (!original) continue
    methods[name] = function watched(this: unknown, ...values: unknown[]) {
      try {
        const result = original.apply(this, values)
        if (name === 'write' && result === noSpace) full = new DOMException('No space.', 'QuotaExceededError')
        return result
      } catch (error) {
        if (error instanceof DOMException && error.name === 'QuotaExceededError') full = error
        throw error
      }
    }
  }
}

/** The same error, or `no-space` when a file handle met its quota since the last call. */
export function explainQuota(error: unknown): unknown {
  const cause = full
  full = undefined
  if (!cause || !(error instanceof DataLayerError)) return error
  return new DataLayerError('no-space', undefined, { cause, sqlite: error.sqlite, details: error.details })
}
