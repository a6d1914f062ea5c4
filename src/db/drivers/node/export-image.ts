import { whenFree } from './busy-retry.ts'
import type { EngineDatabase } from './engine.ts'

const walFormat = 2
const plainFormat = 1

/** The database as the bytes of one plain file, frames that wait in a `-wal` file included. */
export async function exportImage(database: EngineDatabase): Promise<Uint8Array> {
  const image = await whenFree(() => database.serialize())
  // A file marked as WAL cannot be opened where there is no shared memory (sqlite.org/fileformat2.html, 1.3.1).
  if (image[18] === walFormat) image[18] = image[19] = plainFormat
  return image
}
