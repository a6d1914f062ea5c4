import { whenFree } from './busy-retry.ts'
import type { Engine } from './engine.ts'
import { openFile } from './open-file.ts'

/** Who has the database open keeps it open: there is no use in waiting long. In milliseconds. */
const wait = 1000

/**
 * Takes what waits in the WAL into the file and removes it, before another file takes its place.
 *
 * @throws {DataLayerError} `locked` while others read or write it: they would keep the file that is replaced
 */
export async function leaveWal(path: string, engine: Engine, lockTimeoutMs?: number): Promise<void> {
  const database = await openFile(path, { create: false, readOnly: false, engine, lockTimeoutMs })
  try {
    await whenFree(() => database.exec('PRAGMA journal_mode = DELETE'), undefined, lockTimeoutMs ?? wait)
  } finally {
    database.close()
  }
}
