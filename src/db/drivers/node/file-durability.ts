import { open, statfs } from 'node:fs/promises'
import { DataLayerError } from '../../../errors/index.ts'
import { fileErrorCode } from './node-error.ts'

/** Room asked for beyond the copy itself: the journal and the directory grow too. */
const margin = 64 * 1024

/** @throws {DataLayerError} `no-space` with `details.needed` and `details.available`, in bytes */
export async function mustHaveRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const available = bavail * bsize
  const needed = bytes + margin
  if (available < needed) throw new DataLayerError('no-space', undefined, { details: { needed, available } })
}

/** Makes a file's content, or a directory's names, outlive a loss of power. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Windows has no way to sync a directory, and says EPERM; some network file systems say EINVAL.
    if (!['EPERM', 'EINVAL', 'EISDIR'].includes(fileErrorCode(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}
