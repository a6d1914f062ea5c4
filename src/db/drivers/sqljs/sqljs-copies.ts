import { DataLayerError } from '../../../errors/index.ts'
import type { DriverCopies } from '../../driver.ts'
import { mustBelong } from '../../must-belong.ts'
import type { SessionQueue } from '../../session-queue.ts'
import { ImageDatabase } from './image-database.ts'
import type { ImageCopies } from './image-store.ts'
import type { StoredDatabase } from './sqljs-connection.ts'
import type { SqljsModule } from './sqljs-types.ts'

/** Copies of a database in memory, kept as further images in its store. */
export function imageCopies(
  module: SqljsModule,
  copies: ImageCopies,
  stored: StoredDatabase,
  queue: SessionQueue,
): DriverCopies {
  const write = async (name?: string) => {
    const image = stored.database.export()
    mustBeSound(module, image, (database) => mustHaveNoDamage(database.damage()))
    return copies.write(image, name)
  }
  return {
    write: ({ directory, location }) => {
      if (directory !== undefined)
        return Promise.reject(new DataLayerError('unsupported', 'This store has no directories.'))
      return queue.alone(() => write(location).catch(asBackupError))
    },
    list: () => queue.alone(() => copies.list()),
    remove: (location) => queue.alone(() => copies.remove(location)),
    restore: (location, { belongs } = {}) =>
      queue.alone(async () => {
        const image = await copies.read(location)
        if (!image) throw new DataLayerError('storage-unavailable', 'There is no such copy.')
        mustBeSound(module, image, (database) => {
          mustHaveNoDamage(database.damage('integrity_check'))
          mustBelong((query) => database.ask(query), belongs)
        })
        const undo = await write().catch(asBackupError)
        await stored.replace(image)
        return { location, bytes: image.length, undo: undo.location }
      }),
  }
}

/** @throws {DataLayerError} `not-a-database` or `corrupt` */
function mustBeSound(module: SqljsModule, image: Uint8Array, check: (database: ImageDatabase) => void): void {
  const database = new ImageDatabase(module, image)
  try {
    check(database)
  } finally {
    database.close()
  }
}

function mustHaveNoDamage(findings: readonly string[]): void {
  if (findings.length === 0) return
  throw new DataLayerError('corrupt', undefined, { details: { findings: findings.slice(0, 10) } })
}

function asBackupError(error: unknown): never {
  if (error instanceof DataLayerError && ['no-space', 'corrupt', 'not-a-database', 'closed'].includes(error.code))
    throw error
  throw new DataLayerError('backup-failed', undefined, { cause: error })
}
