import { join } from 'node:path'
import { nodeCopies, nodeDriver } from '../../../src/db/drivers/node/index.ts'
import type { Driver } from '../../../src/db/driver.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { components } from './components.ts'

export const databaseName = 'app.sqlite'
/** The copy that `restore` puts back: it lies in every folder where that is tried. */
export const keptCopy = 'kept.sqlite'

/**
 * `continue` is the launch that finds a patch in pieces half done. `restore over damage` puts the copy in the place of a file that no SQLite can open: by renaming,
 * not by a transaction.
 */
export const operationNames = [
  'migrate',
  'continue',
  'set-up',
  'rollback',
  'restore',
  'restore over damage',
  'drop',
] as const
export type OperationName = (typeof operationNames)[number]

/**
 * One operation, from opening the database to closing it. Resolves when it is done.
 *
 * @throws what the operation failed with; of a launch, its report's error
 */
export async function runOperation(
  name: OperationName,
  folder: string,
  change: (driver: Driver, filename: string) => Driver = (driver) => driver,
): Promise<void> {
  if (name === 'restore over damage') {
    await nodeCopies(join(folder, databaseName)).restore(join(folder, keptCopy))
    return
  }
  const filename = join(folder, databaseName)
  const driver = change(nodeDriver({ filename, create: false }), filename)
  const connection = await driver.open()
  try {
    const migrator = new Migrator({ driver, connection }, components)
    if (name === 'restore') await connection.copies?.restore(join(folder, keptCopy))
    else if (name === 'rollback') await migrator.rollback()
    else if (name === 'drop') await migrator.drop('shop')
    else if (name === 'set-up') await migrator.setUp({ partitions: 2 })
    else {
      const { error } = await migrator.launch()
      if (error) throw error
    }
  } finally {
    await connection.close()
  }
}
