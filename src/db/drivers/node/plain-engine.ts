import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { checkInThread } from './check-in-thread.ts'
import { DataLayerError } from '../../../errors/index.ts'
import { isPlainHeader } from '../../file-header.ts'
import type { Engine, EngineDatabase } from './engine.ts'
import { keepForeignJournal } from './keep-foreign-journal.ts'
import { codedError } from './node-error.ts'
import { copyPages } from './page-copy.ts'

/** Node's own SQLite. */
export const plainEngine: Engine = {
  name: 'node',
  connect: (path, { create, readOnly, immutable = false }): EngineDatabase => {
    let location: string | URL = path
    if (path !== ':memory:') {
      // As a URL, the path is a path whatever characters it has, and mode=rw makes SQLite itself refuse a missing file.
      location = pathToFileURL(path)
      if (immutable) location.search = '?immutable=1'
      else if (!create && !readOnly) location.search = '?mode=rw'
    }
    try {
      keepForeignJournal(path, {
        reader: 'plain',
        foreign: (header) => (isPlainHeader(header) ? undefined : new DataLayerError('not-a-database')),
      })
      return new DatabaseSync(location, {
        readOnly,
        timeout: 0,
        // No statement writes what SQLite itself keeps: shadow tables, and the schema's own.
        defensive: true,
        // Schemas of older apps may say DEFAULT "text"; every other engine here has this on, so they opened there.
        enableDoubleQuotedStringLiterals: true,
      })
    } catch (error) {
      throw codedError(error)
    }
  },
  copyPages: (source, target, options) => copyPages(source as DatabaseSync, target, options),
  damageElsewhere: checkInThread,
  copiesInto: true,
  unreadable: (_, error) => error,
}
