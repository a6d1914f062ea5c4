import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { DataLayerError } from '../../../errors/index.ts'
import { whenFree } from './busy-retry.ts'
import { codedError } from './node-error.ts'

export interface OpenOptions {
  readonly create: boolean
  readonly readOnly: boolean
}

/**
 * Opens a database so that what is wrong with it shows now: SQLite itself reads nothing until the first statement.
 *
 * @param filename an absolute path, or `:memory:`
 * @throws {DataLayerError} `storage-unavailable`, `not-a-database`, `corrupt`, `locked`
 */
export async function openFile(filename: string, options: OpenOptions): Promise<DatabaseSync> {
  const database = connect(filename, options)
  try {
    await whenFree(() => database.prepare('SELECT count(*) FROM sqlite_schema').all())
    // FULL leaves the deletion of the journal, which is the commit, to reach the disk when it likes: a loss of power soon
    // after takes it back (sqlite.org/pragma.html#pragma_synchronous). In WAL mode the two are the same.
    if (!options.readOnly) database.exec('PRAGMA synchronous = EXTRA')
    database.exec('PRAGMA foreign_keys = ON')
    const [on] = Object.values(database.prepare('PRAGMA foreign_keys').get() ?? {})
    if (Number(on) !== 1) throw new DataLayerError('unsupported', 'This SQLite does not enforce foreign keys.')
    return database
  } catch (error) {
    database.close()
    throw codedError(error)
  }
}

function connect(filename: string, { create, readOnly }: OpenOptions): DatabaseSync {
  let location: string | URL = filename
  if (filename !== ':memory:') {
    // As a URL, the path is a path whatever characters it has, and mode=rw makes SQLite itself refuse a missing file.
    location = pathToFileURL(filename)
    if (!create && !readOnly) location.search = '?mode=rw'
  }
  try {
    return new DatabaseSync(location, {
      readOnly,
      timeout: 0,
      // Schemas of older apps may say DEFAULT "text"; every other engine here has this on, so they opened there.
      enableDoubleQuotedStringLiterals: true,
    })
  } catch (error) {
    throw codedError(error)
  }
}
