import { DataLayerError } from '../../../../errors/index.ts'
import { storageError } from './storage-error.ts'

/** How long the owner of the lock waits for the tab before it to let go of the files, in milliseconds. */
const patience = 8000

// Another worker still holds the file, or Safari's first attempt that fails for no reason (sqlite/sqlite-wasm#79, #117).
const passing: ReadonlySet<string> = new Set([
  'NoModificationAllowedError',
  'InvalidStateError',
  'UnknownError',
  'AbortError',
])

/**
 * Takes file handles, again with growing pauses while another worker lets go of them. A lock is never taken for a missing
 * feature: whoever fell back to another storage here would show the user an empty database.
 *
 * @throws {DataLayerError} `storage-in-use` when the files stay held, `storage-unavailable` for every other failure
 */
export async function retryAccess<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + patience
  for (let pause = 10; ; pause = Math.min(pause * 2, 400)) {
    try {
      return await attempt()
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (!passing.has(name)) throw storageError(error)
      if (performance.now() >= end) {
        const held = name === 'NoModificationAllowedError'
        throw new DataLayerError(held ? 'storage-in-use' : 'storage-unavailable', undefined, { cause: error })
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
