import { DataLayerError } from '../../../errors/index.ts'
import { whenFree } from './busy-retry.ts'
import type { Engine, EngineDatabase } from './engine.ts'
import { codedError } from './node-error.ts'

export interface OpenOptions {
  readonly create: boolean
  readonly readOnly: boolean
  readonly engine: Engine
  /** How long to wait for another connection's lock, in milliseconds. */
  readonly lockTimeoutMs?: number | undefined
}

/**
 * Opens a database so that what is wrong with it shows now: SQLite itself reads nothing until the first statement.
 *
 * @param filename an absolute path, or `:memory:`
 * @throws {DataLayerError} `storage-unavailable`, `not-a-database`, `wrong-key`, `corrupt`, `locked`
 */
export async function openFile(
  filename: string,
  { engine, lockTimeoutMs, ...options }: OpenOptions,
): Promise<EngineDatabase> {
  const database = engine.connect(filename, options)
  try {
    await whenFree(() => database.prepare('SELECT count(*) FROM sqlite_schema').all(), undefined, lockTimeoutMs)
    // FULL leaves the deletion of the journal, which is the commit, to reach the disk when it likes: a loss of power soon
    // after takes it back (sqlite.org/pragma.html#pragma_synchronous). In WAL mode the two are the same.
    if (!options.readOnly) database.exec('PRAGMA synchronous = EXTRA')
    database.exec('PRAGMA foreign_keys = ON')
    const [on] = Object.values(database.prepare('PRAGMA foreign_keys').get() ?? {})
    if (Number(on) !== 1) throw new DataLayerError('unsupported', 'This SQLite does not enforce foreign keys.')
    return database
  } catch (error) {
    database.close()
    const coded = codedError(error)
    throw coded.code === 'not-a-database' ? engine.unreadable(filename, coded) : coded
  }
}
