import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DriverCopies } from '../../driver.ts'
import { findCopies } from './copy-names.ts'
import type { Engine } from './engine.ts'
import { plainEngine } from './plain-engine.ts'
import { realPath } from '../../real-path.ts'
import { restoreCopy } from './restore-copy.ts'
import { writeCopy } from './write-copy.ts'

/**
 * Copies of the database file at `filename`, without a connection to it: a damaged file can be restored too.
 *
 * @example
 * const { undo } = await nodeCopies('app.sqlite').restore('app.sqlite.selfsame-backup-20261120T151359123Z-a1b2c3.sqlite')
 */
export function nodeCopies(filename: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): DriverCopies {
  return copiesWith(plainEngine, filename, readOnly)
}

export function copiesWith(engine: Engine, filename: string, readOnly: boolean): DriverCopies {
  const path = realPath(filename)
  return {
    write: (options) => writeCopy(path, options, { engine, readOnly }),
    list: ({ directory }) => findCopies(path, directory),
    remove: (location) => rm(resolve(location), { force: true }),
    restore: async (location, restoreOptions) => {
      const { replacedFile: _, ...restored } = await restoreCopy(path, location, engine, restoreOptions)
      return restored
    },
  }
}
